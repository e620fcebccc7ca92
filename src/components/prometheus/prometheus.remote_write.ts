import { component } from '../../component/component.ts';
import { metrics as metricsSignal } from '../../model/signal.ts';
import { input } from '../../schema/exports.ts';
import { integerType, stringType } from '../../schema/types.ts';
import { checkRemoteWrite } from './prometheus.remote_write/check-arguments.ts';
import { remoteWriteFields } from './prometheus.remote_write/fields.ts';
import { remoteWriteMetrics } from './prometheus.remote_write/metrics.ts';
import { RemoteWriter } from './prometheus.remote_write/remote-writer.ts';

export const prometheusRemoteWrite = component({
  name: 'prometheus.remote_write',
  stability: 'generally-available',
  doc: `
Sends samples to Prometheus, Mimir, or whatever else takes remote write. Samples are collected into requests, each
complete with \`max_samples_per_send\` samples or after \`batch_send_deadline\`, which go to disk and from there to the
server. Series that come in the same order again, as from scraped targets, are encoded in blocks of up to 128, and a request
is complete as well when the next block does not fit.

**Samples are acknowledged** when they are on the disk for each endpoint. From then on they are sent after a crash or
restart too, before newer ones and in their order. Samples that had come within the last \`batch_send_deadline\` are not on
disk yet: in a crash they are lost, unless their source waits for the acknowledgement as \`prometheus.receive_http\` does.

**What fails** for now, which is no answer, status 429 or 5xx, is sent again with growing waits, or after as long as the
server asks for, until it is delivered. A request that is too large for the server (status 413) is sent in two halves, one
after the other, and these again in halves if they are too large. What is refused for good with any other status is dropped and counted, and the
next request is sent. Requests wait on disk meanwhile, and only those that are being sent are in memory. Beyond
\`max_size\` of the \`wal\` block the oldest are dropped to make room, and what has waited longer than
\`max_keepalive_time\` is dropped too; both are counted by reason. While the disk cannot be written, the component is
unhealthy, and samples are sent from memory; senders wait when \`capacity\` is used up.

**Order.** The samples of one series are sent in the order they came, since receivers refuse older ones. Each series
belongs to one shard, and of each shard one request is under way at a time; so as many requests as there are shards may be
sent at the same time. The number of shards is looked at every ten seconds and follows from how long requests take. When
it changes, what was collected before is sent first.

**On a reload** what waits is kept. An endpoint with another URL or other settings goes on with what waits for the one it
replaces: that is the one with the same name, or else with the same URL, or else the next one that is gone. An endpoint
that is removed, and every one when the program stops, still sends for 15 seconds as long as that works; the rest is on disk
for the next start.

**Credentials** of AWS, Azure and Google are got when the first request is sent, and again before they expire. While there
are none, requests wait as they do when the server is not there. Those who give them out are reached through the proxy of
the endpoint, or else those of the environment; services of the machine are reached directly. The headers \`X-Alloy-Id\`
and \`X-Agent-Id\` carry the ID of the installation, from the file \`alloy_seed.json\` in the storage path.

**Metrics of the write-ahead log** are named as in Alloy where they are true of requests on disk. Those of files have the
labels of the endpoint, since each has files of its own. There are none of checkpoints, pages and compressed records, of
series that are marked for deletion, and of skipped notifications, since there is nothing of that kind here; nor of how
long a truncation takes, which is but the removal of a file.`,
  example: `
prometheus.remote_write "main" {
  endpoint {
    url = "http://mimir:9009/api/v1/push"

    basic_auth {
      username = "collector"
      password = sys.env("MIMIR_PASSWORD")
    }
  }

  external_labels = {cluster = "eu-1"}
}`,
  arguments: remoteWriteFields,
  exports: {
    receiver: input('Takes the samples to send.', metricsSignal),
  },
  metrics: remoteWriteMetrics,
  debugInfo: {
    endpoints: {
      kind: 'rows',
      doc: 'The endpoints.',
      fields: {
        name: { doc: 'The name.', type: stringType },
        url: { doc: 'Where samples are sent.', type: stringType },
        shards: { doc: 'How many requests may be under way at the same time.', type: integerType },
        waiting_requests: { doc: 'Requests that wait, in memory or on disk.', type: integerType },
        last_error: { doc: 'Why the last request was not delivered; empty if it was.', type: stringType },
      },
    },
  },
  check: checkRemoteWrite,
  build({ args, log, metrics, program, dataDir, health }) {
    const writer = new RemoteWriter(args, { log, metrics, program, dataDir, health });
    return {
      exports: { receiver: writer },
      run: (signal) => writer.run(signal),
      update: (changed) => writer.update(changed),
      close: () => writer.close(),
      debugInfo: () => writer.debugInfo(),
    };
  },
});
