import { ByteBuilder } from '../../../base/byte-builder.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { FieldReader, wireType } from '../../../formats/protobuf/field-reader.ts';
import { compressed } from '../../../formats/snappy/compress.ts';
import { decompress } from '../../../formats/snappy/decompress.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { ItemTotals, layouts, maxRequestSize } from './request-layout.ts';

/** A range of bytes, of a field with its tag. */
interface Span {
  readonly isSeries: boolean;
  readonly tagStart: number;
  readonly start: number;
  readonly end: number;
}

/** Fields of version 2 that refer to texts. */
const labelsRefs = 1;
const seriesExemplars = 4;
const seriesMetadata = 5;
const metadataHelp = 3;
const metadataUnit = 4;
/** An empty text in place of one that nobody refers to. */
const emptySymbol = Buffer.from([0x22, 0]);

const request = new FieldReader();
const series = new FieldReader();
const part = new FieldReader();
const refs = new FieldReader();

/** The two halves of a request of ours, in their order; undefined if it has only one time series. */
export function splitRequest(whole: OutgoingRequest): readonly [OutgoingRequest, OutgoingRequest] | undefined {
  const layout = layouts[whole.protocol];
  const bytes = decompress(whole.body, maxRequestSize);
  if (bytes instanceof ParseError) return undefined;
  const symbols: Span[] = [];
  const parts: Span[] = [];
  request.open(bytes, 0, bytes.length);
  while (request.next()) {
    const { number, tagStart, start, end } = request;
    const isSeries = number === layout.series;
    if (request.is(layout.symbols, wireType.bytes)) symbols.push({ isSeries: false, tagStart, start, end });
    else if (isSeries || number === layout.metadata) parts.push({ isSeries, tagStart, start, end });
  }
  if (parts.length < 2) return undefined;
  const middle = parts.length >> 1;
  return [half(whole, bytes, symbols, parts.slice(0, middle)), half(whole, bytes, symbols, parts.slice(middle))];
}

function half(
  whole: OutgoingRequest,
  bytes: Buffer,
  symbols: readonly Span[],
  parts: readonly Span[],
): OutgoingRequest {
  const output = new ByteBuilder();
  if (symbols.length > 0) writeSymbols(bytes, symbols, parts, output);
  const totals = new ItemTotals();
  for (const { isSeries, tagStart, start, end } of parts) {
    if (isSeries) totals.addSeries(bytes, start, end, layouts[whole.protocol]);
    else totals.metadata++;
    output.append(bytes, tagStart, end);
  }
  const hasItems = totals.newest > -Infinity;
  return {
    ...whole,
    ...totals.counts,
    oldest: hasItems ? totals.oldest : whole.oldest,
    newest: hasItems ? totals.newest : whole.newest,
    body: compressed(output.reserve(0), 0, output.size),
    settles: [],
  };
}

/** Writes the texts that some time series refer to, each with the number it has. */
function writeSymbols(bytes: Buffer, symbols: readonly Span[], parts: readonly Span[], output: ByteBuilder): void {
  const isUsed = new Uint8Array(symbols.length);
  for (const { start, end } of parts) markSymbols(bytes, start, end, isUsed);
  const last = isUsed.lastIndexOf(1);
  for (const [index, { tagStart, end }] of symbols.slice(0, last + 1).entries()) {
    if (isUsed[index] === 1) output.append(bytes, tagStart, end);
    else output.append(emptySymbol, 0, emptySymbol.length);
  }
}

function markSymbols(bytes: Buffer, start: number, end: number, isUsed: Uint8Array): void {
  // The first text is the empty one and must be there.
  isUsed[0] = 1;
  const markAll = (from: number, to: number): void => {
    refs.open(bytes, from, to);
    while (refs.nextVarint()) isUsed[refs.value] = 1;
  };
  series.open(bytes, start, end);
  while (series.next()) {
    if (series.is(labelsRefs, wireType.bytes)) markAll(series.start, series.end);
    else if (series.is(seriesExemplars, wireType.bytes)) {
      part.open(bytes, series.start, series.end);
      while (part.next()) if (part.is(labelsRefs, wireType.bytes)) markAll(part.start, part.end);
    } else if (series.is(seriesMetadata, wireType.bytes)) {
      part.open(bytes, series.start, series.end);
      while (part.next()) if (part.number === metadataHelp || part.number === metadataUnit) isUsed[part.value] = 1;
    }
  }
}
