import { ByteBuilder } from '../../../base/byte-builder.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { FieldReader, wireType } from '../../../formats/protobuf/field-reader.ts';
import { compressed } from '../../../formats/snappy/compress.ts';
import { decompress } from '../../../formats/snappy/decompress.ts';
import type { ItemCounts, WriteProtocol } from './outgoing-request.ts';
import { ItemTotals, layouts, maxRequestSize } from './request-layout.ts';

const request = new FieldReader();

/** A request without what is older than a time, in milliseconds since 1970, and what is left out. */
export interface FilteredRequest {
  readonly body: Buffer;
  readonly dropped: ItemCounts;
}

/** Leaves what is too old out of a request of ours, each of whose time series has one item. */
export function withoutOld(body: Buffer, protocol: WriteProtocol, minTime: number): FilteredRequest {
  const layout = layouts[protocol];
  const dropped = new ItemTotals();
  const bytes = decompress(body, maxRequestSize);
  // Our own bytes with an intact checksum; if they are damaged all the same, the server decides.
  if (bytes instanceof ParseError) return { body, dropped: dropped.counts };
  const kept = new ByteBuilder();
  request.open(bytes, 0, bytes.length);
  while (request.next()) {
    if (request.is(layout.series, wireType.bytes)) {
      const one = new ItemTotals();
      one.addSeries(bytes, request.start, request.end, layout);
      if (one.newest > -Infinity && one.newest < minTime) {
        dropped.add(one);
        continue;
      }
    }
    kept.append(bytes, request.tagStart, request.end);
  }
  return { body: compressed(kept.reserve(0), 0, kept.size), dropped: dropped.counts };
}
