import { ByteBuilder } from '../../base/byte-builder.ts';
import { copyBytes } from '../../base/bytes.ts';
import { varintSize, writeVarint } from '../../base/varint.ts';
import type { MetricFamily } from '../../model/metric-family.ts';
import type { SampleBatch } from '../../model/sample-batch.ts';
import type { SeriesRef } from '../../model/series-table.ts';
import { ownBuffer } from '../../base/bytes.ts';
import { ParseError } from '../../base/parse-error.ts';
import { compressElements, maxCompressedSize } from '../snappy/compress.ts';
import { decompress } from '../snappy/decompress.ts';
import type { SampleBlock } from './sample-block.ts';
import { exemplarTags, sampleSize, sampleTags, timeSize, writeSample, writeTime } from './sample-message.ts';
import type { WriteRequestBuilder } from './write-request.ts';

/** Tags of the fields of a request, of a time series, and of what is in it. */
const requestSeries = 0x0a;
const requestMetadata = 0x1a;
const seriesSamples = 0x12;
const seriesExemplars = 0x1a;
const seriesHistograms = 0x22;
const histogramTimestamp = 0x78;
/** Tags and lengths around one time series. */
const maxFraming = 64;
/** What is compressed at a time: copies reach no further back. */
const partSize = 64 * 1024;

/** A request of version 1, `prometheus.WriteRequest`. The labels of series are copied as the table has them. */
export class WriteRequestV1Builder implements WriteRequestBuilder {
  sampleCount = 0;
  histogramCount = 0;
  exemplarCount = 0;
  metadataCount = 0;
  /** What is not compressed yet, and what is; and the size of that without compression. */
  readonly #body = new ByteBuilder();
  readonly #packed = new ByteBuilder();
  #packedSize = 0;

  get size(): number {
    return this.#packedSize + this.#body.size;
  }

  addSample({ table, valueBits, timestamps }: SampleBatch, index: number, series: SeriesRef): void {
    this.sampleCount++;
    const body = this.#body;
    const bytes = table.bytesOf(series);
    const start = table.startOf(series);
    const labelsSize = table.sizeOf(series);
    const timestamp = timestamps[index] ?? 0;
    const size = sampleSize(valueBits, index, timestamp);
    const output = body.reserve(maxFraming + labelsSize);
    let at = body.size;
    output[at] = requestSeries;
    // A sample has at most 20 bytes, so that its length is one.
    at = writeVarint(output, at + 1, labelsSize + 2 + size);
    copyBytes(bytes, start, start + labelsSize, output, at);
    at += labelsSize;
    output[at] = seriesSamples;
    output[at + 1] = size;
    body.advanceTo(writeSample(output, at + 2, sampleTags, valueBits, index, timestamp));
    if (body.size >= partSize) this.#pack();
  }

  /** Adds samples of one time for the series of a block; their indices in the batch begin at a place in a list. */
  addBlock({ valueBits, timestamps }: SampleBatch, block: SampleBlock, indices: Uint32Array, from: number): void {
    this.#pack();
    this.sampleCount += block.count;
    block.appendTo(this.#packed, valueBits, indices, from, timestamps[indices[from] ?? 0] ?? 0);
    this.#packedSize += block.plainSize;
  }

  addHistogram({ table, histograms }: SampleBatch, index: number, series: SeriesRef): void {
    if (histograms === undefined) return;
    this.histogramCount++;
    const start = histograms.starts[index] ?? 0;
    const end = histograms.ends[index] ?? 0;
    const timestamp = histograms.timestamps[index] ?? 0;
    const size = end - start + timeSize(1, timestamp);
    const at = this.#startSeries(table, series, seriesHistograms, size);
    const output = this.#body.reserve(size);
    copyBytes(histograms.bytes, start, end, output, at);
    this.#body.advanceTo(writeTime(output, at + end - start, histogramTimestamp, timestamp));
  }

  addExemplar({ table, exemplars }: SampleBatch, index: number, series: SeriesRef): void {
    if (exemplars === undefined) return;
    this.exemplarCount++;
    const start = exemplars.starts[index] ?? 0;
    const end = exemplars.ends[index] ?? 0;
    const timestamp = exemplars.timestamps[index] ?? 0;
    const size = end - start + sampleSize(exemplars.valueBits, index, timestamp);
    const at = this.#startSeries(table, series, seriesExemplars, size);
    const output = this.#body.reserve(size);
    copyBytes(exemplars.bytes, start, end, output, at);
    this.#body.advanceTo(writeSample(output, at + end - start, exemplarTags, exemplars.valueBits, index, timestamp));
  }

  /** Adds what is known of a metric, which in this version is a message of its own. */
  addFamily({ name, type, help, unit }: MetricFamily): void {
    this.metadataCount++;
    const body = this.#body;
    const texts = [
      [0x12, name],
      [0x22, help],
      [0x2a, unit],
    ] as const;
    let size = type === 0 ? 0 : 2;
    for (const [, text] of texts) {
      const length = Buffer.byteLength(text);
      if (length > 0) size += 1 + varintSize(length) + length;
    }
    const output = body.reserve(16 + size);
    let at = body.size;
    output[at] = requestMetadata;
    at = writeVarint(output, at + 1, size);
    if (type !== 0) {
      output[at] = 0x08;
      output[at + 1] = type;
      at += 2;
    }
    for (const [tag, text] of texts) {
      if (text === '') continue;
      output[at] = tag;
      at = writeVarint(output, at + 1, Buffer.byteLength(text));
      at += output.write(text, at);
    }
    body.advanceTo(at);
  }

  finish(room = 0): Buffer {
    this.#pack();
    const packed = this.#packed;
    const body = ownBuffer(room + varintSize(this.#packedSize) + packed.size);
    packed.copyTo(body, writeVarint(body, room, this.#packedSize), 0, packed.size);
    this.#clear();
    return body;
  }

  finishPlain(): Buffer {
    const { size } = this;
    const plain = decompress(this.finish(), size);
    if (plain instanceof ParseError) throw plain;
    return plain;
  }

  #pack(): void {
    const { size } = this.#body;
    if (size === 0) return;
    const packed = this.#packed;
    const output = packed.reserve(maxCompressedSize(size));
    packed.advanceTo(compressElements(this.#body.reserve(0), 0, size, output, packed.size));
    this.#packedSize += size;
    this.#body.clear();
  }

  /** Writes the beginning of a time series up to the message in it, and returns the offset where that begins. */
  #startSeries(table: SampleBatch['table'], series: SeriesRef, tag: number, size: number): number {
    const body = this.#body;
    const labelsSize = table.sizeOf(series);
    const start = table.startOf(series);
    const output = body.reserve(maxFraming + labelsSize + size);
    let at = body.size;
    output[at] = requestSeries;
    at = writeVarint(output, at + 1, labelsSize + 1 + varintSize(size) + size);
    table.bytesOf(series).copy(output, at, start, start + labelsSize);
    at += labelsSize;
    output[at] = tag;
    at = writeVarint(output, at + 1, size);
    body.advanceTo(at);
    return at;
  }

  #clear(): void {
    this.sampleCount = 0;
    this.histogramCount = 0;
    this.exemplarCount = 0;
    this.metadataCount = 0;
    this.#packedSize = 0;
    this.#body.clear();
    this.#packed.clear();
  }
}
