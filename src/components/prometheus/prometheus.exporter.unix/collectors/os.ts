import { NoData, type Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { linesOf } from '../words.ts';
import type { HostFiles } from '../host-files.ts';
import type { HostPaths } from '../host-paths.ts';

const properties = [
  'build_id',
  'id',
  'id_like',
  'image_id',
  'image_version',
  'name',
  'pretty_name',
  'variant',
  'variant_id',
  'version',
  'version_codename',
  'version_id',
];
const info = gauge('os_info', 'What the operating system is. The value is always 1.', ...properties);
const version = gauge(
  'os_version',
  'Version of the operating system, as far as it is a number.',
  'id',
  'id_like',
  'name',
);
const supportEnd = gauge('os_support_end_timestamp_seconds', 'When support ends, in seconds since 1970.');

type Release = ReadonlyMap<string, string>;

export const os: Collector = {
  name: 'os',
  doc: 'The operating system.',
  open({ paths, files }) {
    let text: string | undefined;
    let release: Release = new Map();
    return (samples) => {
      const found = releaseText(paths, files);
      if (found !== text) [text, release] = [found, parseRelease(found)];
      const of = (name: string): string => release.get(name.toUpperCase()) ?? '';
      samples.add(info, 1, ...properties.map(of));
      const number = Number(/^\d+\.?\d*/.exec(of('version_id'))?.[0] ?? 0);
      if (number > 0) samples.add(version, number, of('id'), of('id_like'), of('name'));
      const end = /^\d{4}-\d\d-\d\d$/.test(of('support_end')) ? Date.parse(of('support_end')) : NaN;
      if (!Number.isNaN(end)) samples.add(supportEnd, end / 1000);
    };
  },
};

/** What is in the first of the places where the file can be. */
function releaseText(paths: HostPaths, files: HostFiles): string {
  const text = files.ordinaryText(paths.root('etc/os-release')) ?? files.ordinaryText(paths.root('usr/lib/os-release'));
  if (text === undefined) throw new NoData('there is no file os-release');
  return text;
}

/** Lines `NAME=value`, whose values may be quoted as in a shell. */
function parseRelease(text: string): Release {
  return new Map(
    linesOf(text).flatMap((line) => {
      const [, name, value = ''] = /^\s*([A-Z_\d]+)=(.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, unquote(value.trim())] as const];
    }),
  );
}

function unquote(value: string): string {
  const [, single, double] = /^(?:'([^']*)'|"((?:[^"\\]|\\.)*)")$/.exec(value) ?? [];
  return single ?? (double ?? value).replaceAll(/\\(["$`\\])/g, '$1');
}
