import { FieldReader, wireType } from '../../../formats/protobuf/field-reader.ts';
import type { ItemCounts, WriteProtocol } from './outgoing-request.ts';

/** Where what matters is in a request; 0 stands for nowhere. */
export interface RequestLayout {
  /** The fields of time series, of texts that these refer to, and of metadata that stands alone. */
  readonly series: number;
  readonly symbols: number;
  readonly metadata: number;
  /** The fields of what is in a time series, and the field of the time in each. */
  readonly items: Readonly<Record<number, { readonly kind: ItemKind; readonly time: number }>>;
  /** The field of metadata in a time series. */
  readonly seriesMetadata: number;
}

type ItemKind = 'samples' | 'histograms' | 'exemplars';

export const layouts: Readonly<Record<WriteProtocol, RequestLayout>> = {
  v1: {
    series: 1,
    symbols: 0,
    metadata: 3,
    items: { 2: { kind: 'samples', time: 2 }, 3: { kind: 'exemplars', time: 3 }, 4: { kind: 'histograms', time: 15 } },
    seriesMetadata: 0,
  },
  v2: {
    series: 5,
    symbols: 4,
    metadata: 0,
    items: { 2: { kind: 'samples', time: 2 }, 3: { kind: 'histograms', time: 15 }, 4: { kind: 'exemplars', time: 3 } },
    seriesMetadata: 5,
  },
};

/** More than any request of ours is without compression. */
export const maxRequestSize = 1024 * 1024 * 1024;

const series = new FieldReader();
const item = new FieldReader();

/** Adds up what is in time series. */
export class ItemTotals implements ItemCounts {
  samples = 0;
  histograms = 0;
  exemplars = 0;
  metadata = 0;
  oldest = Infinity;
  newest = -Infinity;

  /** Adds the time series in a range of bytes. */
  addSeries(bytes: Buffer, start: number, end: number, layout: RequestLayout): void {
    series.open(bytes, start, end);
    while (series.next()) {
      if (series.number === layout.seriesMetadata) this.metadata++;
      const found = layout.items[series.number];
      if (found === undefined || series.type !== wireType.bytes) continue;
      let time = 0;
      item.open(bytes, series.start, series.end);
      while (item.next()) if (item.is(found.time, wireType.varint)) time = item.value;
      this[found.kind]++;
      this.oldest = Math.min(this.oldest, time);
      this.newest = Math.max(this.newest, time);
    }
  }

  /** Adds what others have added up. */
  add({ samples, histograms, exemplars, metadata }: ItemCounts): void {
    this.samples += samples;
    this.histograms += histograms;
    this.exemplars += exemplars;
    this.metadata += metadata;
  }

  get counts(): ItemCounts {
    const { samples, histograms, exemplars, metadata } = this;
    return { samples, histograms, exemplars, metadata };
  }
}
