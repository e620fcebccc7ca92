import { headerProblem, httpClientFields } from '../../../net/http-client-fields.ts';
import { headerText } from '../../../net/http-message.ts';
import { bool, bytes, duration, integer, map, string, url } from '../../../schema/attributes.ts';
import { block, blocks } from '../../../schema/blocks.ts';
import type { ArgumentsOf } from '../../../schema/field.ts';
import { stringType } from '../../../schema/types.ts';

const atLeastOne = (value: number): string | undefined => (value >= 1 ? undefined : 'must be at least 1');

function checkHeaders(headers: ReadonlyMap<string, string>): string | undefined {
  const problems = [...headers].map(([name, value]) => headerProblem(name, headerText(value)));
  return problems.find((problem) => problem !== undefined);
}

/** What `queue_config` is if nothing is said about it. */
const queueDefaults = { capacity: 10 * 1024 * 1024, min_shards: 1, drain_timeout: 15_000, block_on_overflow: true };

const endpointFields = {
  url: url('Where entries are pushed, with the path: `http://loki:3100/loki/api/v1/push`.'),
  name: string('Tells endpoints of the component apart. Derived from the configuration if empty.').default(''),
  batch_wait: duration('How long entries wait for a request to fill.').default(1000),
  batch_size: bytes('The size of the entries at which a request is sent.')
    .default(1024 * 1024)
    .check(atLeastOne),
  remote_timeout: duration('How long one request may take.').default(10_000),
  headers: map('Headers to send. Those that are set anyway, such as the tenant, cannot be changed.', stringType)
    .default(new Map())
    .check(checkHeaders),
  tenant_id: string('The tenant of entries that have no label `__tenant_id__`.')
    .default('')
    .check((tenant) => headerProblem('X-Scope-OrgID', headerText(tenant))),
  min_backoff_period: duration('The wait after the first failure; it doubles with each further one.').default(500),
  max_backoff_period: duration('The longest wait between two attempts.').default(300_000),
  max_backoff_retries: integer(
    'After how many attempts entries are dropped. With 0, or if it is not given, entries are sent until they are delivered.',
  ).optional(),
  retry_on_http_429: bool('Whether requests that the peer limits are sent again.').default(true),
  queue_config: block(
    'How many requests are kept while they cannot be sent. Other than default values need `--stability.level=experimental`.',
    {
      capacity: bytes('The size of the entries kept.').default(queueDefaults.capacity),
      min_shards: integer('How many requests are sent at a time. Entries of one stream stay in order.')
        .default(queueDefaults.min_shards)
        .check(atLeastOne),
      drain_timeout: duration('How long what is kept may still be sent when the component stops.').default(
        queueDefaults.drain_timeout,
      ),
      block_on_overflow: bool(
        'Whether senders wait while the queue is full. Otherwise new entries are dropped.',
      ).default(queueDefaults.block_on_overflow),
    },
  ).defaults(),
  ...httpClientFields,
};

const endpointBlocks = blocks('A server that entries are pushed to. Each gets all entries.', endpointFields);

export type EndpointArgs = ArgumentsOf<typeof endpointFields>;

const walBlock = block('A write-ahead log on disk for each endpoint, which entries go through.', {
  enabled: bool('Whether entries go through the log.').default(false),
  max_size: bytes('The size of the log of one endpoint from which on it takes no more. Not in Alloy.')
    .default(1024 * 1024 * 1024)
    .check(atLeastOne),
  max_segment_age: duration('Has no effect: what is not delivered is kept, whatever its age.').default(3_600_000),
  min_read_frequency: duration('Has no effect: the log is read when something was written.').default(250),
  max_read_frequency: duration('Has no effect: the log is read when something was written.').default(1000),
  drain_timeout: duration('How long what is in the log may still be sent when the component stops.').default(15_000),
})
  .check(({ min_read_frequency: min, max_read_frequency: max }) =>
    min < max ? undefined : 'WAL min read frequency should be lower than max read frequency',
  )
  .optional();

export const writeFields = {
  endpoint: endpointBlocks,
  external_labels: map('Labels for all entries. Labels of entries win over them.', stringType).default(new Map()),
  max_streams: integer(
    'How many streams a request may have; entries of further ones are dropped. 0 for any number.',
  ).default(0),
  wal: walBlock,
};

export type WriteArgs = ArgumentsOf<typeof writeFields>;
export type WalArgs = NonNullable<WriteArgs['wal']>;

/** Whether anything in `queue_config` is not as by default. */
export function isQueueChanged({ queue_config: config }: EndpointArgs): boolean {
  return Object.entries(queueDefaults).some(([name, value]) => config[name as keyof typeof config] !== value);
}
