import type { HostPaths } from '../../host-paths.ts';
import { codeOf } from '../../absence.ts';
import type { HostFiles } from '../../host-files.ts';
import { linesOf } from '../../words.ts';

/** A mount as the host sees it. */
export interface Mount {
  readonly device: string;
  /** On the host. */
  readonly mountpoint: string;
  readonly fstype: string;
  readonly major: string;
  readonly minor: string;
  readonly isReadOnly: boolean;
}

/** The mounts of the first process, which sees those of the host; our own where that is not to be seen. */
export function mountsText(paths: HostPaths, files: HostFiles): string {
  try {
    return files.text(paths.proc('1/mountinfo'));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return files.text(paths.proc('self/mountinfo'));
  }
}

export function parseMounts(text: string, paths: HostPaths): readonly Mount[] {
  return linesOf(text).map((line) => parseMount(line, paths));
}

/** A line of `mountinfo`: some columns, optional ones, a dash, and some more. */
function parseMount(line: string, paths: HostPaths): Mount {
  const words = line.split(' ');
  const dash = words.indexOf('-', 6);
  const [, , numbers = '', , seen = '', options = ''] = words;
  const [fstype, device, superOptions] = words.slice(dash + 1);
  const [major, minor] = numbers.split(':');
  if (dash < 0 || fstype === undefined || device === undefined || minor === undefined)
    throw new Error(`want a mount, got ${JSON.stringify(line)}`);
  return {
    device: unescape(device),
    mountpoint: paths.onHost(unescape(seen)),
    fstype: unescape(fstype),
    major: major ?? '',
    minor,
    isReadOnly: [...options.split(','), ...(superOptions ?? '').split(',')].includes('ro'),
  };
}

/** Blanks, tabs, line breaks and backslashes stand as octal numbers. */
function unescape(text: string): string {
  return text.replaceAll(/\\(0[14][0-7]|134)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
