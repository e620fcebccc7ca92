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
  queue_config: block('How many requests are kept while they cannot be sent.', {
    capacity: bytes('The size of the entries kept.').default(10 * 1024 * 1024),
    min_shards: integer('How many requests are sent at a time. Entries of one stream stay in order.')
      .default(1)
      .check(atLeastOne),
    drain_timeout: duration('How long what is kept may still be sent when the component stops.').default(15_000),
    block_on_overflow: bool('Whether senders wait while the queue is full. Otherwise new entries are dropped.').default(
      true,
    ),
  }).defaults(),
  ...httpClientFields,
};

export const endpointBlocks = blocks('A server that entries are pushed to. Each gets all entries.', endpointFields);

export type EndpointArgs = ArgumentsOf<typeof endpointFields>;

export const walBlock = block('A log on disk that entries go through. It cannot be enabled yet.', {
  enabled: bool('Whether entries go through the log.').default(false),
  max_segment_age: duration('How long a segment is kept.').default(3_600_000),
  min_read_frequency: duration('The shortest time between two reads.').default(250),
  max_read_frequency: duration('The longest time between two reads.').default(1000),
  drain_timeout: duration('How long the log is read on when the component stops.').default(15_000),
}).optional();
