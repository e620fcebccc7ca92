import { isExponential, type BucketSpan, type NativeHistogram } from './native-histogram.ts';

/** The finest schema that Prometheus stores. Finer ones may be sent, and are made coarser. */
export const finestSchema = 8;

/** The histogram as one that Prometheus can store: the same one unless its schema is too fine. */
export function storableHistogram(histogram: NativeHistogram): NativeHistogram {
  const { schema } = histogram;
  return isExponential(schema) && schema > finestSchema ? coarserHistogram(histogram, finestSchema) : histogram;
}

/** An exponential histogram with the buckets of a coarser schema. */
export function coarserHistogram(histogram: NativeHistogram, schema: number): NativeHistogram {
  const { isFloat } = histogram;
  const halvings = histogram.schema - schema;
  const positive = merged(histogram.positiveSpans, histogram.positiveBuckets, halvings, isFloat);
  const negative = merged(histogram.negativeSpans, histogram.negativeBuckets, halvings, isFloat);
  return {
    ...histogram,
    schema,
    positiveSpans: positive.spans,
    positiveBuckets: positive.buckets,
    negativeSpans: negative.spans,
    negativeBuckets: negative.buckets,
  };
}

/** Adds up the buckets that become one when the resolution is halved so many times. */
function merged(
  spans: readonly BucketSpan[],
  buckets: readonly number[],
  halvings: number,
  isFloat: boolean,
): { readonly spans: BucketSpan[]; readonly buckets: number[] } {
  const indexes: number[] = [];
  const counts: number[] = [];
  let index = 0;
  let at = 0;
  let count = 0;
  for (const { offset, length } of spans) {
    index += offset;
    for (let step = 0; step < length; step++, index++) {
      count = isFloat ? (buckets[at] ?? 0) : count + (buckets[at] ?? 0);
      at++;
      const target = Math.ceil(index / 2 ** halvings);
      if (indexes.at(-1) === target) counts[counts.length - 1] = (counts.at(-1) ?? 0) + count;
      else {
        indexes.push(target);
        counts.push(count);
      }
    }
  }
  return { spans: spansOf(indexes), buckets: isFloat ? counts : differences(counts) };
}

function spansOf(indexes: readonly number[]): BucketSpan[] {
  const spans: { offset: number; length: number }[] = [];
  let next = 0;
  for (const index of indexes) {
    const last = spans.at(-1);
    if (last !== undefined && index === next) last.length++;
    else spans.push({ offset: index - next, length: 1 });
    next = index + 1;
  }
  return spans;
}

function differences(counts: readonly number[]): number[] {
  return counts.map((count, index) => count - (counts[index - 1] ?? 0));
}
