import { ParseError } from '../../../base/parse-error.ts';
import { findEncoding } from '../../../files/line-encoding.ts';
import { logs } from '../../../model/signal.ts';
import { bool, duration, oneOf, string } from '../../../schema/attributes.ts';
import { block } from '../../../schema/blocks.ts';
import type { ArgumentsOf } from '../../../schema/field.ts';
import { output } from '../../../schema/receiver.ts';
import { targets } from '../../../schema/targets.ts';

export type FileSourceArguments = ArgumentsOf<typeof fileSourceFields>;

function checkEncoding(name: string): string | undefined {
  const encoding = findEncoding(name);
  return encoding instanceof ParseError ? encoding.message : undefined;
}

export const fileSourceFields = {
  targets: targets(`
What to read: \`__path__\` is a path, or a pattern if \`file_match\` is enabled. Other labels become labels of the entries
unless their names begin with two underscores.`),
  forward_to: output('Where entries go.', logs),
  encoding: string(`
The character set of the files by its IANA name, such as \`UTF-16LE\`, \`windows-1252\` or \`Shift_JIS\`; entries are UTF-8.
A byte order mark at the beginning of a file counts more. Without a name, bytes pass as they are. UTF-16 and UTF-32
without a byte order mark are recognized by their first character. EBCDIC is not known.`)
    .default('')
    .check(checkEncoding),
  tail_from_end: bool(
    'Whether a file without a known position is read from its end on. Compressed files are read from their beginning.',
  ).default(false),
  legacy_positions_file: string(`
The positions file of Promtail or of the agent in static mode. It is taken over when there is no positions file yet; the
positions in it count for files without a position of their own, whatever their labels. If it is there and cannot be
read, nothing is started, since everything would be read again.`).default(''),
  on_positions_file_error: oneOf(
    'What to do with a file whose position is not a number: not read it, or start at its end or beginning.',
    'skip',
    'restart_from_end',
    'restart_from_beginning',
  ).default('restart_from_beginning'),
  decompression: block(
    `
Reads compressed files: once from the beginning to the end, and again when they have changed. Positions are offsets of
the content. Archives such as \`tar\` are not understood.`,
    {
      enabled: bool('Whether files are compressed.'),
      format: oneOf('How files are compressed: with gzip, zlib or bzip2.', 'gz', 'z', 'bz2'),
      initial_delay: duration('How long to wait before a file is read that was found or has changed.').default(0),
    },
  ).optional(),
  file_watch: block(
    `
How often files are looked at. Where the file system tells of changes, these are the shortest and longest time until a
change is noticed while a file is active, and idle files are looked at every 2m as a precaution. Where it does not,
as on network file systems, idle files are looked at every 5s or every \`max_poll_frequency\` if that is longer.`,
    {
      min_poll_frequency: duration('How long to wait at first.').default(250),
      max_poll_frequency: duration('How long to wait at most; the time doubles until then.').default(250),
    },
  ).defaults(),
  file_match: block('Treats the paths of targets as patterns, as `local.file_match` does.', {
    enabled: bool('Whether paths are patterns.').default(false),
    sync_period: duration('How often to look for files.')
      .default(10_000)
      .check((period) => (period > 0 ? undefined : 'must be greater than 0')),
    ignore_older_than: duration('Leaves out files that were not written to for so long; 0 leaves out none.').default(0),
  }).defaults(),
};
