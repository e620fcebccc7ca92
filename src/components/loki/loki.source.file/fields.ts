import { logs } from '../../../model/signal.ts';
import { bool, duration, oneOf, string } from '../../../schema/attributes.ts';
import { block } from '../../../schema/blocks.ts';
import type { ArgumentsOf } from '../../../schema/field.ts';
import { output } from '../../../schema/receiver.ts';
import { targets } from '../../../schema/targets.ts';

export type FileSourceArguments = ArgumentsOf<typeof fileSourceFields>;

export const fileSourceFields = {
  targets: targets(`
What to read: \`__path__\` is a path, or a pattern if \`file_match\` is enabled. Other labels become labels of the entries
unless their names begin with two underscores.`),
  forward_to: output('Where entries go.', logs),
  encoding: string('The encoding of the files. Only UTF-8 is supported; other bytes pass as they are.')
    .default('')
    .check((name) => (/^(utf-?8)?$/i.test(name) ? undefined : `encoding ${JSON.stringify(name)} is not supported yet`)),
  tail_from_end: bool('Whether a file without a known position is read from its end on.').default(false),
  legacy_positions_file: string('A positions file of an older program. Not supported yet.')
    .default('')
    .check((file) => (file === '' ? undefined : 'legacy_positions_file is not supported yet')),
  on_positions_file_error: oneOf(
    'What to do with a file whose position is not a number: not read it, or start at its end or beginning.',
    'skip',
    'restart_from_end',
    'restart_from_beginning',
  ).default('restart_from_beginning'),
  decompression: block('Reads compressed files. Not supported yet.', {
    enabled: bool('Whether files are compressed.'),
    format: oneOf('How files are compressed.', 'gz', 'z', 'bz2'),
    initial_delay: duration('How long to wait before a file is read.').default(0),
  })
    .check(({ enabled }) => (enabled ? 'decompression is not supported yet' : undefined))
    .optional(),
  file_watch: block('How often files are looked at while nothing is written to them.', {
    min_poll_frequency: duration('How long to wait at first.').default(250),
    max_poll_frequency: duration('How long to wait at most; the time doubles until then.').default(250),
  }).defaults(),
  file_match: block('Treats the paths of targets as patterns, as `local.file_match` does.', {
    enabled: bool('Whether paths are patterns.').default(false),
    sync_period: duration('How often to look for files.')
      .default(10_000)
      .check((period) => (period > 0 ? undefined : 'must be greater than 0')),
    ignore_older_than: duration('Leaves out files that were not written to for so long; 0 leaves out none.').default(0),
  }).defaults(),
};
