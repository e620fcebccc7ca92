import { formatRfc3339Nano } from '../../base/rfc3339.ts';
import { component } from '../../component/component.ts';
import { entriesOf } from '../../model/log-batch.ts';
import { logs } from '../../model/signal.ts';
import { input } from '../../schema/exports.ts';

export const lokiEcho = component({
  name: 'loki.echo',
  stability: 'generally-available',
  doc: 'Writes every entry to the log of the program, for trying out a configuration. Entries are acknowledged at once.',
  example: `
loki.echo "out" { }`,
  arguments: {},
  exports: {
    receiver: input('Takes the entries to show.', logs),
  },
  metrics: {},
  build({ log }) {
    return {
      exports: {
        receiver: {
          consume(batch) {
            for (const { line, seconds, nanos, labels, metadata } of entriesOf(batch)) {
              log.info('received log entry', {
                entry: line,
                entry_timestamp: formatRfc3339Nano(seconds, nanos),
                labels: labels.toString(),
                structured_metadata: JSON.stringify(metadata),
              });
            }
          },
        },
      },
    };
  },
});
