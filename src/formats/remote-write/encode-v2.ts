import { ByteBuilder } from '../../base/byte-builder.ts';
import { copyBytes } from '../../base/bytes.ts';
import { grown } from '../../base/grown-column.ts';
import { Scratch } from '../../base/scratch.ts';
import { varintSize, writeVarint } from '../../base/varint.ts';
import { LabelCursor } from '../../model/encoded-labels.ts';
import type { MetricFamily } from '../../model/metric-family.ts';
import type { SampleBatch } from '../../model/sample-batch.ts';
import type { SeriesRef } from '../../model/series-table.ts';
import { compressed } from '../snappy/compress.ts';
import { exemplarTags, sampleSize, sampleTags, timeSize, writeSample, writeTime } from './sample-message.ts';
import { Symbols } from './symbols.ts';
import type { WriteRequestBuilder } from './write-request.ts';

/** Tags of the fields of a request, of a time series, and of what is in it. */
const requestSymbols = 0x22;
const requestSeries = 0x2a;
const labelsRefs = 0x0a;
const seriesSamples = 0x12;
const seriesHistograms = 0x1a;
const seriesExemplars = 0x22;
const seriesMetadata = 0x2a;
const metadataType = 0x08;
const metadataHelp = 0x18;
const metadataUnit = 0x20;
const sampleStart = 0x18;
const histogramTimestamp = 0x78;
const histogramStart = 0x88;
/** Tags, lengths and metadata around one time series. */
const maxFraming = 96;

const scratch = new Scratch(4 * 1024 * 1024);
const noFamily: MetricFamily = { name: '', type: 0, help: '', unit: '' };

/**
 * A request of version 2, `io.prometheus.write.v2.Request`, whose series refer to a table of texts. Neighbouring series
 * share most of their labels, so the number of each is first guessed to be that of the series before.
 */
export class WriteRequestV2Builder implements WriteRequestBuilder {
  sampleCount = 0;
  histogramCount = 0;
  exemplarCount = 0;
  metadataCount = 0;
  readonly #symbols = new Symbols();
  readonly #series = new ByteBuilder();
  readonly #cursor = new LabelCursor();
  /** The numbers of names and values of the last label set. */
  #refs = new Uint32Array(64);
  #refCount = 0;
  #refsSize = 0;
  #exemplarRefs = new Uint32Array(64);
  /** The family that the texts below are of. */
  #family = noFamily;
  #help = 0;
  #unit = 0;

  get size(): number {
    return this.#symbols.size + this.#series.size;
  }

  addSample(batch: SampleBatch, index: number, series: SeriesRef): void {
    this.sampleCount++;
    const { valueBits } = batch;
    const timestamp = batch.timestamps[index] ?? 0;
    const start = batch.startTimestamps?.[index] ?? 0;
    const size = sampleSize(valueBits, index, timestamp) + timeSize(1, start);
    const at = this.#startSeries(batch, series, batch.familyOf?.[index] ?? 0, seriesSamples, size);
    const output = this.#series.reserve(size);
    const end = writeSample(output, at, sampleTags, valueBits, index, timestamp);
    this.#series.advanceTo(writeTime(output, end, sampleStart, start));
  }

  addHistogram(batch: SampleBatch, index: number, series: SeriesRef): void {
    const { histograms } = batch;
    if (histograms === undefined) return;
    this.histogramCount++;
    const from = histograms.starts[index] ?? 0;
    const to = histograms.ends[index] ?? 0;
    const timestamp = histograms.timestamps[index] ?? 0;
    const start = histograms.startTimestamps[index] ?? 0;
    const size = to - from + timeSize(1, timestamp) + timeSize(2, start);
    const at = this.#startSeries(batch, series, histograms.familyOf[index] ?? 0, seriesHistograms, size);
    const output = this.#series.reserve(size);
    copyBytes(histograms.bytes, from, to, output, at);
    const end = writeTime(output, at + to - from, histogramTimestamp, timestamp);
    this.#series.advanceTo(writeTime(output, end, histogramStart, start));
  }

  addExemplar(batch: SampleBatch, index: number, series: SeriesRef): void {
    const { exemplars } = batch;
    if (exemplars === undefined) return;
    this.exemplarCount++;
    const timestamp = exemplars.timestamps[index] ?? 0;
    this.#findRefs(exemplars.bytes, exemplars.starts[index] ?? 0, exemplars.ends[index] ?? 0);
    const count = this.#refCount;
    const refsSize = this.#refsSize;
    if (this.#exemplarRefs.length < count) this.#exemplarRefs = new Uint32Array(this.#refs.length);
    this.#exemplarRefs.set(this.#refs.subarray(0, count));
    const refsField = refsSize === 0 ? 0 : 1 + varintSize(refsSize) + refsSize;
    const size = refsField + sampleSize(exemplars.valueBits, index, timestamp);
    let at = this.#startSeries(batch, series, 0, seriesExemplars, size);
    const output = this.#series.reserve(size);
    if (refsSize > 0) at = writeRefs(output, at, this.#exemplarRefs, count, refsSize);
    this.#series.advanceTo(writeSample(output, at, exemplarTags, exemplars.valueBits, index, timestamp));
  }

  finish(room = 0): Buffer {
    const output = scratch.take(this.size);
    const end = this.#write(output);
    const body = compressed(output, 0, end, room);
    this.#clear();
    return body;
  }

  finishPlain(): Buffer {
    const output = Buffer.alloc(this.size);
    this.#write(output);
    this.#clear();
    return output;
  }

  #write(output: Buffer): number {
    const at = this.#symbols.write(output, 0, requestSymbols);
    this.#series.copyTo(output, at, 0, this.#series.size);
    return at + this.#series.size;
  }

  /** Writes the beginning of a time series up to the message in it, and returns the offset where that begins. */
  #startSeries(batch: SampleBatch, series: SeriesRef, family: number, tag: number, size: number): number {
    const { table } = batch;
    const start = table.startOf(series);
    this.#findRefs(table.bytesOf(series), start, start + table.sizeOf(series));
    const refsSize = this.#refsSize;
    const metadata = family === 0 ? noFamily : (batch.families[family - 1] ?? noFamily);
    const metadataSize = this.#findMetadata(metadata);
    const body = this.#series;
    const output = body.reserve(maxFraming + refsSize + size);
    let at = body.size;
    output[at] = requestSeries;
    at = writeVarint(
      output,
      at + 1,
      1 + varintSize(refsSize) + refsSize + (metadataSize === 0 ? 0 : 2 + metadataSize) + 1 + varintSize(size) + size,
    );
    at = writeRefs(output, at, this.#refs, this.#refCount, refsSize);
    if (metadataSize > 0) {
      output[at] = seriesMetadata;
      output[at + 1] = metadataSize;
      at = writeTime(output, at + 2, metadataType, metadata.type);
      at = writeTime(output, at, metadataHelp, this.#help);
      at = writeTime(output, at, metadataUnit, this.#unit);
      this.metadataCount++;
    }
    output[at] = tag;
    at = writeVarint(output, at + 1, size);
    body.advanceTo(at);
    return at;
  }

  /** Looks up the numbers of a family, and returns the size of its message. */
  #findMetadata(family: MetricFamily): number {
    if (family !== this.#family) {
      this.#family = family;
      this.#help = this.#symbols.numberOfText(family.help);
      this.#unit = this.#symbols.numberOfText(family.unit);
    }
    return timeSize(1, family.type) + timeSize(1, this.#help) + timeSize(1, this.#unit);
  }

  /** Looks up the numbers of an encoded label set. */
  #findRefs(bytes: Buffer, start: number, end: number): void {
    const cursor = this.#cursor;
    const symbols = this.#symbols;
    let count = 0;
    let size = 0;
    cursor.open(bytes, start, end);
    while (cursor.next()) {
      if (count + 2 > this.#refs.length) this.#refs = grown(this.#refs, new Uint32Array(2 * this.#refs.length));
      const refs = this.#refs;
      const name = symbols.numberOf(bytes, cursor.nameStart, cursor.nameEnd, refs[count] ?? 0);
      const value = symbols.numberOf(bytes, cursor.valueStart, cursor.valueEnd, refs[count + 1] ?? 0);
      refs[count++] = name;
      refs[count++] = value;
      size += varintSize(name) + varintSize(value);
    }
    this.#refCount = count;
    this.#refsSize = size;
  }

  #clear(): void {
    this.sampleCount = 0;
    this.histogramCount = 0;
    this.exemplarCount = 0;
    this.metadataCount = 0;
    this.#symbols.clear();
    this.#series.clear();
    this.#refs.fill(0);
    this.#family = noFamily;
    this.#help = 0;
    this.#unit = 0;
  }
}

function writeRefs(output: Buffer, start: number, refs: Uint32Array, count: number, size: number): number {
  output[start] = labelsRefs;
  let at = writeVarint(output, start + 1, size);
  for (let index = 0; index < count; index++) at = writeVarint(output, at, refs[index] ?? 0);
  return at;
}
