import { bool, duration, integer, number, oneOf } from '../../../schema/attributes.ts';
import { block } from '../../../schema/blocks.ts';
import type { ArgumentsOf } from '../../../schema/field.ts';
import { storageHandler } from '../storage-handler.ts';

const sizers = ['requests', 'items', 'bytes'] as const;

/** What sizes of requests are counted in. */
export type Sizer = (typeof sizers)[number];

const batchBlock = block(
  'Joins requests before they are sent, and cuts those that are too large. Joined requests are acknowledged when all they became part of is delivered.',
  {
    flush_timeout: duration('How long a request waits for others at most.').default(200),
    min_size: integer('The size at which a request is sent without waiting.').default(2000),
    max_size: integer('The largest size of a request; larger ones are cut. 0 for any size.').default(3000),
    sizer: oneOf(
      'What sizes are counted in: spans, data points and log records, or bytes as protobuf.',
      'items',
      'bytes',
    ).default('items'),
  },
).check(({ flush_timeout: timeout, min_size: min, max_size: max }) => {
  if (timeout <= 0) return '`flush_timeout` must be positive';
  if (min < 0 || max < 0) return '`min_size` and `max_size` must not be negative';
  return max !== 0 && max < min ? '`max_size` must be greater or equal to `min_size`' : undefined;
});

/** The `sending_queue` block of exporters. */
export const sendingQueueBlock = block(
  'Where requests wait until they are sent. There is one queue for traces, one for metrics and one for logs.',
  {
    enabled: bool(
      'Whether there are queues. Without them senders wait until their request is delivered, or refused for good.',
    ).default(true),
    num_consumers: integer('How many requests of one queue may be on their way at the same time.').default(10),
    queue_size: integer(
      'How much a queue takes, those on their way included. What is left on disk by an earlier run counts when it is read, if `sizer` is not `requests`.',
    ).default(1000),
    block_on_overflow: bool(
      'Whether senders wait while a queue is full. Otherwise they are told to try again later.',
    ).default(false),
    sizer: oneOf(
      'What `queue_size` is counted in: requests; spans, data points and log records; or bytes as protobuf.',
      ...sizers,
    ).default('requests'),
    wait_for_result: bool('Whether senders wait until what they gave is delivered, or refused for good.').default(
      false,
    ),
    storage: storageHandler(
      'Keeps queues on disk: the `handler` of an `otelcol.storage` component. Requests are acknowledged when they are there.',
    ).optional(),
    batch: batchBlock.optional(),
  },
)
  .check((args) => {
    if (!args.enabled) return undefined;
    if (args.queue_size <= 0) return 'queue_size must be greater than zero';
    if (args.num_consumers <= 0) return 'num_consumers must be greater than zero';
    if (args.wait_for_result && args.storage !== undefined) return 'wait_for_result cannot be used with storage';
    if (args.batch?.sizer === args.sizer && args.batch.min_size > args.queue_size)
      return '`min_size` must be less than or equal to `queue_size`';
    return undefined;
  })
  .defaults();

/** The `retry_on_failure` block of exporters. */
export const retryBlock = block(
  'When requests that have failed for now are sent again. A server that asks to wait longer gets that.',
  {
    enabled: bool('Whether they are sent again at all.').default(true),
    initial_interval: duration('The wait after the first failure.').default(5000),
    randomization_factor: number('By which part of it each wait is longer or shorter, at random.').default(0.5),
    multiplier: number('By how much each wait is longer than the one before.').default(1.5),
    max_interval: duration('The longest wait.').default(30_000),
    max_elapsed_time: duration(
      'How long after its first failure a request is dropped; 0 for never, so that nothing is lost while a server is down.',
    ).default(300_000),
  },
)
  .check(({ multiplier, randomization_factor: factor, ...times }) => {
    if (multiplier <= 1) return 'multiplier must be greater than 1.0';
    if (factor < 0) return 'randomization_factor must be greater or equal to 0';
    const { initial_interval: initial, max_interval: longest, max_elapsed_time: total } = times;
    return Math.min(initial, longest, total) < 0 ? 'times must not be negative' : undefined;
  })
  .defaults();

export type SendingQueueArgs = ArgumentsOf<(typeof sendingQueueBlock)['fields']>;
export type BatchArgs = NonNullable<SendingQueueArgs['batch']>;
export type RetryArgs = ArgumentsOf<(typeof retryBlock)['fields']>;
