import { customBoundsSchema, emptyHistogram, isExponential, isValidHistogram } from '../../model/native-histogram.ts';
import type { BucketSpan, NativeHistogram } from '../../model/native-histogram.ts';
import { bitsOf, isStale, readFloatBits } from '../../model/float-bits.ts';
import { FieldReader, wireType } from '../protobuf/field-reader.ts';
import { unzigzag } from '../protobuf/zigzag.ts';

/** A histogram and what its fields of remote write say of its times. */
export interface TimedHistogram {
  readonly histogram: NativeHistogram;
  readonly timestamp: number;
  readonly startTimestamp: number;
}

const float = new Float64Array(1);
const floatBits = bitsOf(float);
const fields = new FieldReader();
const inner = new FieldReader();

/**
 * Reads a `Histogram` of either version. Undefined if it is no valid protobuf; a histogram may still be one that makes no
 * sense, which `problemOf` tells.
 */
export function decodeTimedHistogram(bytes: Buffer, start: number, end: number): TimedHistogram | undefined {
  const histogram = {
    ...emptyHistogram,
    negativeSpans: [] as BucketSpan[],
    positiveSpans: [] as BucketSpan[],
  };
  const lists = { 9: [] as number[], 10: [] as number[], 12: [] as number[], 13: [] as number[], 16: [] as number[] };
  let timestamp = 0;
  let startTimestamp = 0;
  fields.open(bytes, start, end);
  while (fields.next()) {
    const { number, type, value } = fields;
    if (type === wireType.varint) {
      if (number === 1) histogram.count = value;
      else if (number === 4) histogram.schema = unzigzag(value);
      else if (number === 6) histogram.zeroCount = value;
      else if (number === 14) histogram.resetHint = value >= 0 && value <= 3 ? value : 0;
      else if (number === 15) timestamp = value;
      else if (number === 17) startTimestamp = value;
      else if (number === 9 || number === 12) lists[number].push(unzigzag(value));
    } else if (type === wireType.fixed64) {
      readFloatBits(bytes, fields.start, floatBits, 0);
      const [at = 0] = float;
      if (number === 2) {
        histogram.isFloat = true;
        histogram.count = at;
      } else if (number === 3) {
        histogram.sum = at;
        histogram.isStale = isStale(floatBits, 0);
      } else if (number === 5) histogram.zeroThreshold = at;
      else if (number === 7) histogram.zeroCount = at;
      else if (number === 10 || number === 13 || number === 16) lists[number].push(at);
    } else if (type === wireType.bytes) {
      if (number === 8 || number === 11) {
        const span = decodeSpan(bytes, fields.start, fields.end);
        if (span === undefined) return undefined;
        (number === 8 ? histogram.negativeSpans : histogram.positiveSpans).push(span);
      } else if (number === 9 || number === 12) {
        inner.open(bytes, fields.start, fields.end);
        while (inner.nextVarint()) lists[number].push(unzigzag(inner.value));
        if (inner.isBroken) return undefined;
      } else if (number === 10 || number === 13 || number === 16) {
        if ((fields.end - fields.start) % 8 !== 0) return undefined;
        for (let at = fields.start; at < fields.end; at += 8) lists[number].push(bytes.readDoubleLE(at));
      }
    }
  }
  if (fields.isBroken) return undefined;
  histogram.negativeBuckets = histogram.isFloat ? lists[10] : lists[9];
  histogram.positiveBuckets = histogram.isFloat ? lists[13] : lists[12];
  histogram.customValues = lists[16];
  return { histogram, timestamp, startTimestamp };
}

function decodeSpan(bytes: Buffer, start: number, end: number): BucketSpan | undefined {
  let offset = 0;
  let length = 0;
  inner.open(bytes, start, end);
  while (inner.next()) {
    if (inner.is(1, wireType.varint)) offset = unzigzag(inner.value);
    else if (inner.is(2, wireType.varint)) length = inner.value;
  }
  return inner.isBroken ? undefined : { offset, length };
}

/** What is wrong with a histogram; undefined if nothing is. */
export function problemOf(histogram: NativeHistogram): string | undefined {
  const { schema } = histogram;
  if (schema !== customBoundsSchema && !isExponential(schema)) return `histogram has the unknown schema ${schema}`;
  return isValidHistogram(histogram) ? undefined : 'histogram has other buckets than its spans say';
}
