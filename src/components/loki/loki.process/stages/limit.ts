import { bool, integer, number, string } from '../../../../schema/attributes.ts';
import { stage, type StageContext } from '../stage.ts';
import { TokenBucket } from '../token-bucket.ts';

/** The fewest label values for which the limit can be kept apart. */
const minDistinctLabels = 10_000;

const reason = 'ratelimit_drop_stage';

export const limit = stage({
  doc: `
Limits how many entries pass in a second. By default senders wait: a batch goes on when there is a token for each of its
entries. With \`drop\`, entries for which there is no token are dropped, and counted with the reason
\`${reason}\`. The limit can be one for each value of a label then; entries without the label always pass.`,
  fields: {
    rate: number('The entries that may pass in a second, on average.').check(isPositive),
    burst: integer('The entries that may pass at once after a pause.').check(isPositive),
    drop: bool('Whether entries are dropped that come too fast.').default(false),
    by_label_name: string('The label that has a limit for each of its values. Needs `drop`.').default(''),
    max_distinct_labels: integer(
      'How many values of the label are kept apart; after as many, those that did not come again are forgotten. At least 10000.',
    ).default(minDistinctLabels),
  },
  check: ({ by_label_name: label, drop }) =>
    label !== '' && !drop ? 'when ratelimiting by label, drop must be true' : undefined,
  compile({ rate, burst, drop, by_label_name: label, max_distinct_labels: maxValues }, context) {
    const { passage, metrics } = context;
    if (label !== '') {
      const buckets = new BucketsByValue(rate, burst, label, Math.max(maxValues, minDistinctLabels), context);
      return (next) => (cursor) => {
        const value = cursor.labels.get(label);
        if (value === undefined || buckets.of(value).take()) next(cursor);
      };
    }
    const dropped = metrics.droppedLines.with(reason);
    const bucket = new TokenBucket(rate, burst, passage, (count) => dropped.inc(count));
    if (drop) {
      return (next) => (cursor) => {
        if (bucket.take()) next(cursor);
      };
    }
    return (next) => (cursor) => {
      passage.delayUntil(bucket.reserve());
      next(cursor);
    };
  },
});

function isPositive(value: number): string | undefined {
  return value > 0 ? undefined : 'must be greater than 0';
}

/** The buckets of label values, in two generations. A full one becomes the old one, and its predecessor is forgotten. */
class BucketsByValue {
  readonly #max: number;
  readonly #make: (value: string) => TokenBucket;
  readonly #forget: () => void;
  #young = new Map<string, TokenBucket>();
  #old = new Map<string, TokenBucket>();

  constructor(rate: number, burst: number, label: string, max: number, { passage, metrics }: StageContext) {
    this.#max = max;
    const dropped = metrics.droppedLines.with(reason);
    const byLabel = metrics.droppedLinesByLabel;
    this.#make = (value) =>
      new TokenBucket(rate, burst, passage, (count) => {
        if (count === 0) return;
        dropped.inc(count);
        byLabel.with(label, value).inc(count);
      });
    this.#forget = () => byLabel.clear();
  }

  of(value: string): TokenBucket {
    const known = this.#young.get(value);
    if (known !== undefined) return known;
    const bucket = this.#old.get(value) ?? this.#make(value);
    this.#young.set(value, bucket);
    if (this.#young.size === this.#max) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#forget();
    }
    return bucket;
  }
}
