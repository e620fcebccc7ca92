import type { Milliseconds } from '../../../base/duration.ts';
import type { Turns } from '../../../base/turns.ts';
import { entryKind, type ExpositionCursor } from '../../../formats/exposition/exposition-cursor.ts';
import type { SampleBatchBuilder } from '../../../model/sample-batch-builder.ts';
import type { SeriesRef, SeriesTable } from '../../../model/series-table.ts';
import { setTypeLabels } from '../../../model/type-labels.ts';
import type { Families } from './families.ts';
import type { ConvertedHistograms } from './converted-histograms.ts';
import { keepToLimits } from './histogram-limits.ts';
import { addZeroHistogram, isFloatHistogram } from './histogram-samples.ts';
import { ReadFailure } from './read-failure.ts';
import { standing } from './sent-times.ts';
import { trackedAs, type SeriesCache, type TrackedAs } from './series-cache.ts';
import type { LabelSettings, TargetLabels } from './series-labels.ts';
import type { SeriesMarks } from './series-marks.ts';

/** How responses are read. */
export interface ReadSettings extends LabelSettings {
  readonly honorTimestamps: boolean;
  /** Whether series with timestamps of their own are marked when they end. */
  readonly tracksTimestamps: boolean;
  /** Whether series get labels for their type and unit. */
  readonly hasTypeLabels: boolean;
  /** Whether a zero is added where a counter began. */
  readonly hasZeroSamples: boolean;
  /** 0 for any number. */
  readonly maxSamples: number;
  readonly maxBuckets: number;
  readonly finestSchema: number;
}

/** The target whose response is read, as far as reading needs and changes it. */
export interface ReadTarget {
  readonly cache: SeriesCache;
  /** Undefined if classic histograms stay what they are. */
  readonly converted: ConvertedHistograms | undefined;
  /** Whether those that are converted are kept besides. */
  readonly keepsClassicHistograms: boolean;
  readonly labels: TargetLabels;
  /** Undefined if nobody needs to know what the response says of types, help and units. */
  readonly families: Families | undefined;
  /** Whether they are sent with the samples. */
  readonly tellsFamilies: boolean;
  /** When it was scraped before; 0 if it was not. */
  readonly scrapedAt: number;
}

/** Timestamps may be so far in the future. */
const maxAhead: Milliseconds = 600_000;

/** Entries that are read in one go; new series take about 5 µs each. */
const entriesPerTurn = 1000;

const noBytes = Buffer.alloc(0);
const nameLabel = Buffer.from('__name__');

/** Reads responses of targets, one after the other, into the builder that all of them share. */
export class ScrapeReader {
  /** Samples in the response, and those of them that were not beyond the limit. */
  samples = 0;
  kept = 0;
  newSeries = 0;
  /** Samples that were left out, and the exemplars of series that had only such. */
  duplicates = 0;
  outOfOrder = 0;
  outOfBounds = 0;
  exemplarsOutOfOrder = 0;
  readonly #table: SeriesTable;
  readonly #builder: SampleBatchBuilder;
  readonly #marks: SeriesMarks;
  #unit = '';
  #unitFamily = '';

  constructor(table: SeriesTable, builder: SampleBatchBuilder, marks: SeriesMarks) {
    this.#table = table;
    this.#builder = builder;
    this.#marks = marks;
  }

  /** Begins with a scrape that has not read anything yet. */
  reset(): void {
    this.samples = 0;
    this.kept = 0;
    this.newSeries = 0;
    this.duplicates = 0;
    this.outOfOrder = 0;
    this.outOfBounds = 0;
    this.exemplarsOutOfOrder = 0;
    this.#marks.begin();
  }

  /** Adds what is in a response to the builder; with a failure, what was added must not be used. */
  *read(
    document: Buffer,
    target: ReadTarget,
    settings: ReadSettings,
    timestamp: number,
  ): Turns<ReadFailure | undefined> {
    const { cache, families, converted } = target;
    const { cursor } = cache;
    this.#unitFamily = '';
    families?.open();
    converted?.open();
    cache.open(document);
    let failure: ReadFailure | 'more' | undefined = 'more';
    for (;;) {
      failure = this.#readOn(target, settings, timestamp);
      if (failure !== 'more') break;
      yield;
    }
    if (failure === undefined) failure = this.#end(target, settings);
    // The document is not kept until the next one comes.
    if (failure !== undefined) cursor.open(noBytes);
    return failure;
  }

  #end(
    { cache, families, tellsFamilies, converted }: ReadTarget,
    { maxSamples }: ReadSettings,
  ): ReadFailure | undefined {
    const { error } = cache.cursor;
    converted?.flush(this.#builder, this.#marks);
    if (error !== undefined) return new ReadFailure('invalid', error.message);
    if (maxSamples > 0 && this.samples > maxSamples)
      return new ReadFailure(
        'samples',
        `sample_limit exceeded (number of samples: ${this.samples}, limit: ${maxSamples})`,
      );
    if (families !== undefined && tellsFamilies) this.#builder.setFamilies(families.told);
    return undefined;
  }

  /** Reads some entries; undefined at the end. */
  #readOn(target: ReadTarget, settings: ReadSettings, timestamp: number): ReadFailure | 'more' | undefined {
    const { cache, families, tellsFamilies, converted } = target;
    const { cursor } = cache;
    const builder = this.#builder;
    const { maxSamples, honorTimestamps, tracksTimestamps } = settings;
    const latest = timestamp + maxAhead;
    for (let entries = 0; entries < entriesPerTurn; entries++) {
      if (!cursor.next()) return undefined;
      if (cursor.kind > entryKind.histogram) {
        if (settings.hasTypeLabels) this.#noteUnit(cursor);
        if (families !== undefined) noteFamily(cursor, families);
        converted?.noteFamily(cursor);
        continue;
      }
      this.samples++;
      // The rest is only counted.
      if (maxSamples > 0 && this.samples > maxSamples) continue;
      if (this.samples === maxSamples) cache.refuseNew();
      const { slot } = cursor;
      let series = cache.seriesAt(slot);
      const isNew = series === 0;
      if (isNew) {
        const admitted = this.#admit(target, settings);
        if (typeof admitted !== 'number') return admitted;
        series = admitted;
      }
      this.kept++;
      const hasOwnTime = honorTimestamps && cursor.hasTimestamp;
      const time = hasOwnTime ? cursor.timestamp : timestamp;
      if (time > latest) {
        this.outOfBounds++;
        cache.visitAgain(slot);
        continue;
      }
      if (converted !== undefined && cursor.kind === entryKind.series) {
        const histogram = converted.take(slot, cursor.value, time, builder, this.#marks);
        if (histogram !== 0 && !target.keepsClassicHistograms) {
          if (cursor.exemplars.count > 0) this.#addExemplars(cache, histogram, time);
          cache.visit(slot, trackedAs.none);
          continue;
        }
      }
      if (!this.#marks.add(series) && !hasOwnTime) {
        this.duplicates++;
        cache.visitAgain(slot);
        continue;
      }
      if (hasOwnTime && this.#wasSent(cache, time)) {
        cache.visitUnchanged(slot);
        continue;
      }
      const family = families === undefined || !tellsFamilies ? 0 : placeOf(cursor, families, isNew);
      const start = settings.hasZeroSamples && cursor.startTimestamp < time ? cursor.startTimestamp : 0;
      const hasBegun = start > 0 && (isNew || start > target.scrapedAt);
      let as: TrackedAs = trackedAs.float;
      if (cursor.kind === entryKind.series) {
        if (hasBegun) builder.add(series, 0, start);
        builder.add(series, cursor.value, time);
        if (start !== 0) builder.setStart(start);
        if (family !== 0) builder.setFamily(family);
      } else {
        const { histogram } = cursor;
        if (!keepToLimits(histogram, settings.maxBuckets, settings.finestSchema))
          return new ReadFailure('buckets', `native_histogram_bucket_limit exceeded (limit: ${settings.maxBuckets})`);
        const bytes = histogram.reserve(0);
        const isFloat = isFloatHistogram(bytes);
        if (hasBegun) addZeroHistogram(builder, series, start, isFloat);
        builder.addHistogram(series, time, start, family, bytes, 0, histogram.size);
        as = isFloat ? trackedAs.floatHistogram : trackedAs.histogram;
      }
      if (cursor.exemplars.count > 0) this.#addExemplars(cache, series, time);
      cache.visit(slot, hasOwnTime && !tracksTimestamps ? trackedAs.none : as);
    }
    return 'more';
  }

  /** Finds out which series the current entry is of, with the labels of the target. */
  #admit({ cache, converted, labels: own }: ReadTarget, settings: ReadSettings): SeriesRef | ReadFailure {
    const { cursor } = cache;
    if (cursor.slot === 0)
      return new ReadFailure('series', `more series than the ${cache.size} that a target may have`);
    if (!cursor.isNew) cursor.readLabels();
    const { labels } = cursor;
    if (settings.hasTypeLabels) this.#addTypeLabels(cursor);
    const refused = own.complete(labels, settings);
    if (refused !== undefined) return refused;
    const bytes = labels.encode();
    const size = labels.encodedSize;
    const series = this.#table.intern(bytes, 0, size);
    if (series === 0) return noRoom(size);
    this.newSeries++;
    cache.admit(cursor.slot, series);
    if (converted !== undefined && !converted.admit(cursor.slot, cursor, cache.capacity)) return noRoom(size);
    return series;
  }

  #noteUnit(cursor: ExpositionCursor): void {
    if (cursor.kind !== entryKind.unit) return;
    this.#unitFamily = cursor.familyName();
    this.#unit = cursor.text();
  }

  #addTypeLabels({ labels, type }: ExpositionCursor): void {
    const metric = labels.valueOf(labels.find(nameLabel));
    const unit = this.#unitFamily !== '' && metric.startsWith(this.#unitFamily) ? this.#unit : '';
    setTypeLabels(labels, type, unit);
  }

  /** Whether the current sample, which has a time of its own, is one that was sent before or too late to be sent. */
  #wasSent({ cursor, sent, capacity }: SeriesCache, time: number): boolean {
    const value = cursor.kind === entryKind.series ? cursor.value : 0;
    const found = sent.takeSample(cursor.slot, time, value, capacity);
    if (found === standing.earlier) this.outOfOrder++;
    if (found === standing.conflicting) this.duplicates++;
    return found !== standing.later;
  }

  /** Adds the exemplars of the current entry that are later than the last one that was sent. */
  #addExemplars({ cursor, sent, capacity }: SeriesCache, series: SeriesRef, time: number): void {
    const { exemplars, kind, slot } = cursor;
    const last = sent.exemplarTime(slot);
    let latest = last;
    let late = 0;
    for (const index of exemplars.byTime()) {
      const own = exemplars.timestamps[index] ?? Number.NaN;
      // Which bucket of a native histogram it is of is not known then.
      if (Number.isNaN(own) && kind === entryKind.histogram) continue;
      if (own < last) late++;
      if (own <= last) continue;
      const { bytes, starts, ends, values } = exemplars;
      const at = Number.isNaN(own) ? time : own;
      this.#builder.addExemplar(series, values[index] ?? 0, at, bytes, starts[index] ?? 0, ends[index] ?? 0);
      if (own > latest) latest = own;
    }
    if (latest > last) sent.takeExemplar(slot, latest, capacity);
    if (late === exemplars.count) this.exemplarsOutOfOrder += late;
  }
}

function noRoom(size: number): ReadFailure {
  return new ReadFailure('series', `no room for a series whose labels take ${size} bytes`);
}

function noteFamily(cursor: ExpositionCursor, families: Families): void {
  const name = cursor.familyName();
  if (cursor.kind === entryKind.type) families.note(name, { type: cursor.type });
  else if (cursor.kind === entryKind.help) families.note(name, { help: cursor.text() });
  else families.note(name, { unit: cursor.text() });
}

/** The family to tell with the current entry, if there is something new about it. */
function placeOf(cursor: ExpositionCursor, families: Families, isNew: boolean): number {
  if (!isNew && !families.isChanged) return 0;
  if (!isNew) cursor.readLabels();
  const { labels } = cursor;
  return families.placeFor(labels.valueOf(labels.find(nameLabel)));
}
