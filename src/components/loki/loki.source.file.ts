import { component } from '../../component/component.ts';
import { boolType, integerType, stringType } from '../../schema/types.ts';
import { fileSourceFields } from './loki.source.file/fields.ts';
import { FileSource } from './loki.source.file/file-source.ts';
import { fileSourceMetrics } from './loki.source.file/metrics.ts';

export const lokiSourceFile = component({
  name: 'loki.source.file',
  stability: 'generally-available',
  doc: `
Follows log files and sends each line as an entry with the labels of its target and \`filename\`. Files may be rotated by
renaming, by copying and truncating, or by replacing them, also while the program does not run; a file that is not there
yet is read when it appears. Lines that are rotated away before they are read are looked for beside the file, in files
whose names begin as its own does.

How far a file was read is recorded when entries are delivered, so that after a crash the entries that were under way
are sent again. Entries that could not be delivered are sent again with the same timestamps. The timestamp of an entry
is the time it was read, which grows with each line of a file. Lines longer than 10 MiB are cut.

Changes are told by the file system where it does so, and looked for otherwise. Idle files beyond 256 are closed; what was
written to a closed file can be lost only if the file is deleted, or moved to another folder, before it was looked at.

Positions are kept in \`positions.yml\` in the data folder of the component, in the format of Alloy. The position of a
file that is no longer a target is kept until the file has been gone for some hours.`,
  example: `
local.file_match "app" {
  path_targets = [{__path__ = "/var/log/app/*.log", job = "app"}]
}

loki.source.file "app" {
  targets    = local.file_match.app.targets
  forward_to = [loki.echo.out.receiver]
}

loki.echo "out" { }`,
  arguments: fileSourceFields,
  exports: {},
  metrics: fileSourceMetrics,
  debugInfo: {
    targets_info: {
      kind: 'rows',
      doc: 'The files that are followed.',
      fields: {
        path: { doc: 'The path.', type: stringType },
        labels: { doc: 'The labels without the file name.', type: stringType },
        is_running: { doc: 'Whether the file is followed; otherwise only answers are awaited.', type: boolType },
        read_offset: { doc: 'Up to where entries were delivered.', type: integerType },
        is_watched: { doc: 'Whether the file system tells of changes; otherwise it is polled.', type: boolType },
      },
    },
  },
  build: (context) => new FileSource(context),
});
