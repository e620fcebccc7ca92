import { ByteBuilder } from '../../../base/byte-builder.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { FieldReader, wireType } from '../../../formats/protobuf/field-reader.ts';
import { compressed } from '../../../formats/snappy/compress.ts';
import { decompress } from '../../../formats/snappy/decompress.ts';
import type { ItemCounts, WriteProtocol } from './outgoing-request.ts';

interface Layout {
  /** The field of time series. */
  readonly series: number;
  /** The fields of what is in a time series, and the field of the time in each. */
  readonly items: Readonly<Record<number, { readonly kind: 'samples' | 'histograms' | 'exemplars'; time: number }>>;
  /** The field of metadata in a time series. */
  readonly metadata: number;
}

const layouts: Readonly<Record<WriteProtocol, Layout>> = {
  v1: {
    series: 1,
    items: { 2: { kind: 'samples', time: 2 }, 3: { kind: 'exemplars', time: 3 }, 4: { kind: 'histograms', time: 15 } },
    metadata: 0,
  },
  v2: {
    series: 5,
    items: { 2: { kind: 'samples', time: 2 }, 3: { kind: 'histograms', time: 15 }, 4: { kind: 'exemplars', time: 3 } },
    metadata: 5,
  },
};

const maxSize = 1024 * 1024 * 1024;
const request = new FieldReader();
const series = new FieldReader();
const item = new FieldReader();

/** A request without what is older than a time, in milliseconds since 1970, and what is left out. */
export interface FilteredRequest {
  readonly body: Buffer;
  readonly dropped: ItemCounts;
}

/** Leaves what is too old out of a request of ours, each of whose time series has one item. */
export function withoutOld(body: Buffer, protocol: WriteProtocol, minTime: number): FilteredRequest {
  const layout = layouts[protocol];
  const dropped = { samples: 0, histograms: 0, exemplars: 0, metadata: 0 };
  const bytes = decompress(body, maxSize);
  // Our own bytes with an intact checksum; if they are damaged all the same, the server decides.
  if (bytes instanceof ParseError) return { body, dropped };
  const kept = new ByteBuilder();
  request.open(bytes, 0, bytes.length);
  while (request.next()) {
    const isKept = !request.is(layout.series, wireType.bytes) || !isOld(bytes, layout, minTime, dropped);
    if (isKept) kept.append(bytes, request.tagStart, request.end);
  }
  return { body: compressed(kept.reserve(0), 0, kept.size), dropped };
}

/** Whether the series that the reader is at is too old; it is counted then. */
function isOld(bytes: Buffer, layout: Layout, minTime: number, dropped: Record<keyof ItemCounts, number>): boolean {
  let isOldItem = false;
  let hasMetadata = false;
  series.open(bytes, request.start, request.end);
  while (series.next()) {
    if (series.number === layout.metadata) hasMetadata = true;
    const found = layout.items[series.number];
    if (found === undefined || series.type !== wireType.bytes) continue;
    let time = 0;
    item.open(bytes, series.start, series.end);
    while (item.next()) if (item.is(found.time, wireType.varint)) time = item.value;
    if (time >= minTime) continue;
    isOldItem = true;
    dropped[found.kind]++;
  }
  if (isOldItem && hasMetadata) dropped.metadata++;
  return isOldItem;
}
