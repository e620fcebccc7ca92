import type { EncodedAttributes, ExemplarPoint } from '../../../formats/otlp/metric-writer.ts';
import type { NativeHistogram } from '../../../model/native-histogram.ts';

/** A data point as far as its samples have come. */
export interface Point {
  readonly attributes: EncodedAttributes;
  readonly attributesKey: string;
  readonly time: number;
  /** 0 if not known. */
  startTime: number;
  /** Whether one of its samples says that the series has ended. */
  isStale: boolean;
  /** How many samples it was made of. */
  samples: number;
  value: number;
  sum: number | undefined;
  count: number | undefined;
  /** Of buckets the bounds and cumulative counts, of summaries quantiles and values. */
  readonly pairs: [bound: number, value: number][];
  native: NativeHistogram | undefined;
  readonly exemplars: ExemplarPoint[];
}

export function newPoint(attributes: EncodedAttributes, attributesKey: string, time: number): Point {
  return {
    attributes,
    attributesKey,
    time,
    startTime: 0,
    isStale: false,
    samples: 0,
    value: 0,
    sum: undefined,
    count: undefined,
    pairs: [],
    native: undefined,
    exemplars: [],
  };
}
