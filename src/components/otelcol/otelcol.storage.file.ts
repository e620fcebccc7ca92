import { stat } from 'node:fs/promises';
import { component } from '../../component/component.ts';
import { bool, bytes, duration, integer, string } from '../../schema/attributes.ts';
import { block } from '../../schema/blocks.ts';
import { debugMetricsBlock } from './debug-metrics-block.ts';
import { exportedStorageHandler, type StorageHandler } from './storage-handler.ts';

const compactionBlock = block('Without effect: what is no longer needed is removed from the disk at once.', {
  on_start: bool('Without effect.').default(false),
  on_rebound: bool('Without effect.').default(false),
  directory: string('Without effect.').default(''),
  rebound_needed_threshold_mib: integer('Without effect.').default(100),
  rebound_trigger_threshold_mib: integer('Without effect.').default(10),
  max_transaction_size: integer('Without effect.').default(65_536),
  check_interval: duration('Without effect.').default(5000),
  cleanup_on_start: bool('Without effect.').default(false),
}).optional();

export const otelcolStorageFile = component({
  name: 'otelcol.storage.file',
  stability: 'public-preview',
  doc: `
Keeps the sending queues of exporters on disk, so that what waits there survives a restart and a crash. Each queue has a
folder of its own in \`directory\`, named after its exporter and the kind of telemetry, with files that only the user of
the program may read.

**A request is on disk** when it was written and, unless \`fsync\` is false, synced. Requests that come at the same time share
one sync, so that it costs little; Alloy does not sync by default. Damaged parts are skipped and counted by the exporter.
What is sent twice after a crash are requests that were delivered in its last moments.

**A queue takes** as much disk as \`max_size\`. Beyond that, as beyond the \`queue_size\` of the exporter, it takes no more:
senders wait or are told to try again later, as \`block_on_overflow\` says. Nothing that is on disk is removed to make room.
The queues of Alloy are in another format and are not read.`,
  example: `
otelcol.storage.file "queues" { }

otelcol.exporter.otlp "tempo" {
  client {
    endpoint = "tempo:4317"
  }

  sending_queue {
    storage = otelcol.storage.file.queues.handler
  }
}`,
  arguments: {
    directory: string('Where folders for the queues are made. That of the component if empty.').default(''),
    timeout: duration('Without effect: a folder is never shared.').default(1000),
    fsync: bool('Whether requests survive a crash of the machine too, and not only one of the program.').default(true),
    max_size: bytes('How much disk each queue may take. Not in Alloy.')
      .default(10 * 1024 ** 3)
      .check((size) => (size >= 1 ? undefined : 'must be at least 1')),
    create_directory: bool('Whether the directory is made. Otherwise it must be there.').default(true),
    directory_permissions: string('The permissions of the directory if it is made, as an octal number.')
      .default('0750')
      .check((mode) => (/^0?[0-7]{3}$/.test(mode) ? undefined : 'must be an octal number such as 0750')),
    compaction: compactionBlock,
    debug_metrics: debugMetricsBlock,
  },
  exports: {
    handler: exportedStorageHandler('For the `storage` argument of exporters.'),
  },
  metrics: {},
  build({ id, args, dataDir }) {
    const directory = args.directory === '' ? dataDir : args.directory;
    const handler: StorageHandler = {
      id,
      directory,
      newDirectoryMode: args.create_directory ? Number.parseInt(args.directory_permissions, 8) : undefined,
      maxBytes: args.max_size,
      isSynced: args.fsync,
    };
    const exports = { handler };
    if (args.create_directory) return { exports };
    return {
      exports,
      async prepare() {
        const isDirectory = await stat(directory).then(
          (found) => found.isDirectory(),
          () => false,
        );
        if (!isDirectory) throw new Error(`directory must exist: ${JSON.stringify(directory)} is no directory`);
        return {};
      },
    };
  },
});
