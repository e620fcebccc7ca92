import { formatFloat } from '../../base/go-printf/format-float.ts';
import { readGoFloat } from '../../base/go-float.ts';

const column = new Float64Array(1);

/** A float as it is written for bounds of buckets and for quantiles: `1.0`, `0.25`, `1e+06`, `+Inf`. */
export function canonicalFloat(value: number): string {
  const text = formatFloat(value, 'g');
  return Number.isFinite(value) && !/[e.]/.test(text) ? `${text}.0` : text;
}

/** The canonical form of a float that is written in any way; undefined if it is no float. */
export function canonicalFloatText(bytes: Buffer, start: number, end: number): string | undefined {
  return readGoFloat(bytes, start, end, column, 0) ? canonicalFloat(column[0] ?? 0) : undefined;
}
