import { cloudAuthFields } from '../../../net/cloud/fields.ts';
import { headerProblem, httpClientFields } from '../../../net/http-client-fields.ts';
import { headerText } from '../../../net/http-message.ts';
import { bool, bytes, duration, integer, map, oneOf, string, url } from '../../../schema/attributes.ts';
import { block, blocks } from '../../../schema/blocks.ts';
import type { ArgumentsOf } from '../../../schema/field.ts';
import { ruleBlocks } from '../../../schema/relabel-rules.ts';
import { stringType } from '../../../schema/types.ts';
import { writeProtocols } from '../../../formats/remote-write/write-request.ts';

const notNegative = (value: number): string | undefined => (value >= 0 ? undefined : 'must not be negative');

function checkHeaders(headers: ReadonlyMap<string, string>): string | undefined {
  const problems = [...headers].map(([name, value]) => headerProblem(name, headerText(value)));
  return problems.find((problem) => problem !== undefined);
}

const queueConfig = block('How samples are collected into requests, and how these are sent.', {
  capacity: integer(
    'How many samples of each shard wait in memory to be written to disk; from then on senders wait. Samples that were not sent wait on disk and do not count.',
  ).default(10_000),
  min_shards: integer('The fewest shards, which are requests that may be under way at the same time.').default(1),
  max_shards: integer(
    'The most shards. Their number follows from how fast samples come and how long requests take.',
  ).default(50),
  max_samples_per_send: integer(
    'The samples at which a request is complete. It may have a tenth more if exemplars are sent.',
  ).default(2000),
  batch_send_deadline: duration('How long samples wait for a request to fill.').default(5000),
  min_backoff: duration('The wait after the first failure; it doubles with each further one.').default(30),
  max_backoff: duration('The longest wait between two attempts, unless the server asks for more.').default(5000),
  retry_on_http_429: bool('Whether requests that the server limits are sent again.').default(true),
  sample_age_limit: duration('Samples that are older are dropped rather than sent. 0 for any age.')
    .default(0)
    .check(notNegative),
}).defaults();

const metadataConfig = block('Sending of what is known of metrics, in version 1 of the protocol.', {
  send: bool('Whether types, help and units of metrics are sent, as far as sources pass them on.').default(true),
  send_interval: duration('How often.')
    .default(60_000)
    .check((interval) => (interval > 0 ? undefined : 'must be greater than 0')),
  max_samples_per_send: integer('How many metrics one request tells about.').default(2000),
}).defaults();

const endpointFields = {
  url: url('Where samples are sent, with the path: `http://mimir:9009/api/v1/push`.'),
  name: string('Tells endpoints of the component apart. Derived from the configuration if empty.').default(''),
  remote_timeout: duration('How long one request may take.').default(30_000),
  headers: map('Headers to send. They win over those that are set anyway.', stringType)
    .default(new Map())
    .check(checkHeaders),
  send_exemplars: bool('Whether exemplars are sent.').default(true),
  send_native_histograms: bool('Whether native histograms are sent.').default(false),
  protobuf_message: oneOf(
    'The protocol: version 1, or version 2, which needs `--stability.level=experimental`.',
    writeProtocols.v1.message,
    writeProtocols.v2.message,
  ).default(writeProtocols.v1.message),
  round_robin_dns: bool(
    'Whether each connection is made to one of the addresses of the host at random. Without effect through a proxy.',
  ).default(false),
  ...httpClientFields,
  enable_http2: bool('Has no effect: requests use HTTP/1.1.').default(false),
  ...cloudAuthFields,
  queue_config: queueConfig,
  metadata_config: metadataConfig,
  write_relabel_config: ruleBlocks,
};

const walBlock = block('What is kept on disk until it is sent.', {
  truncate_frequency: duration('Has no effect: what was sent is removed at once.')
    .default(2 * 3_600_000)
    .check((frequency) => (frequency === 0 ? 'must not be 0' : undefined)),
  min_keepalive_time: duration('Has no effect: what was not sent is kept.').default(5 * 60_000),
  max_keepalive_time: duration('How long samples may wait on disk; older ones are dropped.').default(8 * 3_600_000),
  max_size: bytes(
    'How much disk the samples of one endpoint may take. Then the oldest are dropped to make room. Not in Alloy.',
  )
    .default(2 * 1024 ** 3)
    .check((size) => (size >= 1 ? undefined : 'must be at least 1')),
})
  .check(({ min_keepalive_time: min, max_keepalive_time: max }) =>
    min < max ? undefined : 'min_keepalive_time must be smaller than max_keepalive_time',
  )
  .defaults();

export const remoteWriteFields = {
  endpoint: blocks('A server that samples are sent to. Each gets all samples.', endpointFields),
  external_labels: map('Labels for all samples. Labels of samples win over them.', stringType).default(new Map()),
  wal: walBlock,
};

export type EndpointArgs = ArgumentsOf<typeof endpointFields>;
export type RemoteWriteArgs = ArgumentsOf<typeof remoteWriteFields>;
export type WalArgs = RemoteWriteArgs['wal'];
