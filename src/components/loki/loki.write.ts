import { isAllowed } from '../../base/stability.ts';
import { component } from '../../component/component.ts';
import { logs } from '../../model/signal.ts';
import { nameOf } from '../../net/endpoint-identity.ts';
import { checkHttpClient } from '../../net/http-client-fields.ts';
import { input } from '../../schema/exports.ts';
import { integerType, stringType } from '../../schema/types.ts';
import { isQueueChanged, writeFields } from './loki.write/fields.ts';
import { writeMetrics } from './loki.write/metrics.ts';
import { Writer } from './loki.write/writer.ts';

export const lokiWrite = component({
  name: 'loki.write',
  stability: 'generally-available',
  doc: `
Pushes log entries to Loki, or to whatever takes its push requests. Entries are collected into requests, which are sent
in order. A request that fails is sent again, with growing waits, or after as long as the server asks for, until it is
delivered; it is dropped after \`max_backoff_retries\` attempts if that is set. What is dropped is counted with the
reason.

A request that the server refuses for what is in it (status 400, 413 or 422) is cut into parts, which are sent on their
own, to find the entries that are wrong: the others are delivered. A request is cut at most 64 times, and requests that
are not too large 8 times a second in the long run; a part that cannot be cut any more is dropped. A stream of which
nothing was taken is dropped without another search for a minute. The last reasons are in the debug information.

Entries are acknowledged when every endpoint has answered for them. The label \`__tenant_id__\` chooses the tenant of an
entry; labels that begin with two underscores are not sent.

**Endpoints** have queues of their own, and one that fails does not slow down others until its queue is full: \`capacity\`
of \`queue_config\` in memory, and \`max_size\` on disk with the write-ahead log. From then on senders wait, so that the
other endpoints get nothing new either; with \`block_on_overflow = false\` they go on, and what comes for the failing one
is dropped and counted.

**The write-ahead log** is on disk in the data folder of the component, one for each endpoint. With it, entries are
acknowledged when they are on the disk, and are sent after a crash or restart, however old they are; some may be sent
twice. Damaged parts are skipped and counted. While it cannot be written, as on a full or read-only disk, the component
is unhealthy, and entries are sent from memory once everything in the log was sent.

**On a reload** queues are kept. An endpoint with another URL or other settings takes over what waits in the queue of the
one it replaces: that is the one with the same name, or else with the same URL and tenant, or else the next one that is
gone. An endpoint that is removed still sends until its \`drain_timeout\`. What is not sent then, or when the program stops,
is in the log, or is told to the sources, which send it again.`,
  example: `
loki.write "main" {
  endpoint {
    url = "http://loki:3100/loki/api/v1/push"

    basic_auth {
      username = "collector"
      password = sys.env("LOKI_PASSWORD")
    }
  }

  external_labels = {cluster = "eu-1"}
}`,
  arguments: writeFields,
  exports: {
    receiver: input('Takes the entries to push.', logs),
  },
  metrics: writeMetrics,
  debugInfo: {
    endpoints: {
      kind: 'rows',
      doc: 'The endpoints.',
      fields: {
        name: { doc: 'The name.', type: stringType },
        url: { doc: 'Where entries are pushed.', type: stringType },
        queued_entries: { doc: 'Entries that wait in memory.', type: integerType },
        logged_requests: { doc: 'Requests that wait in the write-ahead log.', type: integerType },
        last_error: { doc: 'Why the last request was not delivered; empty if it was.', type: stringType },
      },
    },
    rejected: {
      kind: 'rows',
      doc: 'The last entries that were dropped since a server did not take them, newest first.',
      fields: {
        time: { doc: 'When they were dropped.', type: stringType },
        endpoint: { doc: 'The name of the endpoint.', type: stringType },
        tenant: { doc: 'The tenant.', type: stringType },
        reason: { doc: 'The reason, as in metrics.', type: stringType },
        entries: { doc: 'How many entries were dropped together.', type: integerType },
        labels: { doc: 'The labels of the first of them; empty if they are not known.', type: stringType },
        error: { doc: 'What the server said.', type: stringType },
      },
    },
  },
  check({ endpoint }, minimumStability) {
    if (endpoint.length === 0) return 'at least one endpoint config must be provided';
    const problem = endpoint.map(checkHttpClient).find((found) => found !== undefined);
    if (problem !== undefined) return problem;
    if (!isAllowed('experimental', minimumStability) && endpoint.some(isQueueChanged))
      return 'changing queue_config requires stability.level flag to be experimental';
    const names = endpoint.map(nameOf);
    const repeated = names.find((name, index) => names.indexOf(name) < index);
    if (repeated === undefined) return undefined;
    return `duplicate endpoint configs are not allowed, found duplicate for name: ${repeated}`;
  },
  build({ args, log, metrics, program, dataDir, health }) {
    const writer = new Writer(args, { log, metrics, program, dataDir, health });
    return {
      exports: { receiver: writer },
      run: (signal) => writer.run(signal),
      update: (changed) => writer.update(changed),
      close: () => writer.close(),
      debugInfo: () => writer.debugInfo(),
    };
  },
});
