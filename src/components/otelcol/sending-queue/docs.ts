import { integerType, stringType } from '../../../schema/types.ts';

/** How exporters with a sending queue send, for their documentation. */
export const sendingDoc = `**Requests wait** in the queues of \`sending_queue\`, and up to \`num_consumers\` of each are on their way at the same time, so that
they may arrive in another order. A queue that is full refuses what comes, so that its sender tries again, unless
\`block_on_overflow\` lets senders wait.

**Telemetry is acknowledged** when the server has taken it, or when it was dropped and counted. With \`storage\` that is when
it is on disk: it is sent after a restart or crash, then possibly twice. While the disk cannot be written, the component is
unhealthy, and senders wait until the server has taken what they gave.

**What fails for now** is sent again as \`retry_on_failure\` says, with growing waits and at least as long as the server asks
for, and is dropped when the next wait would end after \`max_elapsed_time\`; with 0 it is kept until it is delivered. What the
server does not take is dropped at once. \`millrace_exporter_items_dropped_total\` counts both by reason.

**On a reload** what waits is kept, and sent by the new settings at once. If the queue is in another place from then on, the
old one is sent until it is empty. When the program stops, what is in memory is tried once more, for at most 15 seconds; the
rest is dropped and counted, and told to sources that can send it again. What is on disk stays there.`;

/** What exporters with a sending queue tell of themselves. */
export const exporterDebugInfo = {
  queues: {
    kind: 'rows',
    doc: 'The queues. Of what an earlier run has left on disk, only what was read counts.',
    fields: {
      data_type: { doc: 'What is in the queue: traces, metrics or logs.', type: stringType },
      requests: { doc: 'Requests that wait or are on their way.', type: integerType },
      items: { doc: 'Spans, data points or log records in them.', type: integerType },
      bytes: { doc: 'Their size as protobuf.', type: integerType },
    },
  },
  last_error: { kind: 'value', doc: 'Why the last request was not delivered; empty if it was.', type: stringType },
} as const;
