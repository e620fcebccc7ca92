import { stat } from 'node:fs/promises';
import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { codeOf, linesOf, readProc } from '../read-file.ts';
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
  open({ paths }) {
    let known: { readonly file: string; readonly modifiedAt: number; readonly release: Release } | undefined;
    return async (samples) => {
      const { file, modifiedAt } = await findRelease(paths);
      if (known?.file !== file || known.modifiedAt !== modifiedAt)
        known = { file, modifiedAt, release: parseRelease(await readProc(file)) };
      const of = (name: string): string => known?.release.get(name.toUpperCase()) ?? '';
      samples.add(info, 1, ...properties.map(of));
      const number = Number(/^\d+\.?\d*/.exec(of('version_id'))?.[0] ?? 0);
      if (number > 0) samples.add(version, number, of('id'), of('id_like'), of('name'));
      const end = /^\d{4}-\d\d-\d\d$/.test(of('support_end')) ? Date.parse(of('support_end')) : NaN;
      if (!Number.isNaN(end)) samples.add(supportEnd, end / 1000);
    };
  },
};

/** The first of the places where the file can be. */
async function findRelease(paths: HostPaths): Promise<{ readonly file: string; readonly modifiedAt: number }> {
  const file = paths.root('etc/os-release');
  try {
    return { file, modifiedAt: (await stat(file)).mtimeMs };
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    const other = paths.root('usr/lib/os-release');
    return { file: other, modifiedAt: (await stat(other)).mtimeMs };
  }
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
