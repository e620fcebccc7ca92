import type { Turns } from '../../../base/turns.ts';
import { EntryCache } from '../../../formats/exposition/entry-cache.ts';
import type { ExpositionCursor } from '../../../formats/exposition/exposition-cursor.ts';
import { OpenMetricsCursor } from '../../../formats/openmetrics/openmetrics-cursor.ts';
import { PrometheusProtobufCursor } from '../../../formats/prometheus-protobuf/prometheus-protobuf-cursor.ts';
import { PrometheusTextCursor } from '../../../formats/prometheus-text/prometheus-text-cursor.ts';
import type { SampleBatchBuilder } from '../../../model/sample-batch-builder.ts';
import type { SeriesTable } from '../../../model/series-table.ts';
import { ConvertedHistograms } from './converted-histograms.ts';
import type { ExpositionFormat } from './negotiation.ts';
import type { ReadSettings } from './scrape-reader.ts';
import type { ScrapeTarget } from './scrape-target.ts';
import { SeriesCache } from './series-cache.ts';
import type { SeriesMarks } from './series-marks.ts';

/** More series than this, one target cannot have. */
const maxSeries = 1_000_000;
/** Series of a target that cannot be scraped so many times in a row are forgotten. */
const maxFailures = 5;

/** What a cache depends on: with anything else, what it knows of series counts no more. */
interface Ground {
  readonly format: ExpositionFormat;
  readonly settings: ReadSettings;
  readonly target: ScrapeTarget;
}

/** The series of one target over time: the cache in use, and those it replaced whose series may still have to be ended. */
export class TargetSeries {
  readonly #table: SeriesTable;
  #cache: SeriesCache | undefined;
  #converted: ConvertedHistograms | undefined;
  #ground: Ground | undefined;
  #replaced: (SeriesCache | ConvertedHistograms)[] = [];
  #sizeOfSuccess = 0;
  #failures = 0;

  constructor(table: SeriesTable) {
    this.#table = table;
  }

  get size(): number {
    return this.#cache?.size ?? 0;
  }

  /** The cache for a document. What was known of series on another ground is not used any more. */
  cacheFor(format: ExpositionFormat, target: ScrapeTarget, settings: ReadSettings): SeriesCache {
    const ground = { format, settings, target };
    const cache = this.#cache;
    if (cache !== undefined && !cache.isMostlyFree && isSameGround(ground, this.#ground)) return cache;
    if (cache !== undefined) this.#replaced.push(cache);
    if (this.#converted !== undefined) this.#replaced.push(this.#converted);
    const entries = new EntryCache(maxSeries);
    this.#ground = ground;
    this.#converted = target.convertsClassicHistograms ? new ConvertedHistograms(this.#table) : undefined;
    this.#cache = new SeriesCache(entries, cursorFor(entries, ground), this.#table);
    return this.#cache;
  }

  /** What makes native histograms of classic ones, if that is wanted; goes with the cache. */
  get converted(): ConvertedHistograms | undefined {
    return this.#converted;
  }

  /** Takes what was read as sent, and marks what did not come. */
  *commit(builder: SampleBatchBuilder, marks: SeriesMarks, timestamp: number): Turns<void> {
    if (this.#cache !== undefined) yield* this.#cache.commit(builder, marks, timestamp);
    if (this.#converted !== undefined) yield* this.#converted.commit(builder, marks, timestamp);
    yield* this.#endReplaced(builder, marks, timestamp);
    this.#sizeOfSuccess = this.size;
    this.#failures = 0;
  }

  /** Marks everything, since a scrape has failed; true if all series were forgotten for that. */
  *fail(builder: SampleBatchBuilder, marks: SeriesMarks, timestamp: number): Turns<boolean> {
    if (this.#cache !== undefined) yield* this.#cache.endAll(builder, marks, timestamp);
    if (this.#converted !== undefined) yield* this.#converted.endAll(builder, marks, timestamp);
    yield* this.#endReplaced(builder, marks, timestamp);
    this.#failures++;
    if (this.size === 0) return false;
    if (this.#failures < maxFailures && this.size <= 2 * this.#sizeOfSuccess + 1000) return false;
    yield* this.close();
    return true;
  }

  /** Forgets all series. */
  *close(): Turns<void> {
    const caches = [...this.#replaced, this.#cache, this.#converted];
    this.#replaced = [];
    this.#cache = undefined;
    this.#converted = undefined;
    this.#sizeOfSuccess = 0;
    for (const cache of caches) if (cache !== undefined) yield* cache.close();
  }

  *#endReplaced(builder: SampleBatchBuilder, marks: SeriesMarks, timestamp: number): Turns<void> {
    const replaced = this.#replaced;
    this.#replaced = [];
    for (const cache of replaced) {
      yield* cache.endAll(builder, marks, timestamp);
      yield* cache.close();
    }
  }
}

function isSameGround(a: Ground, b: Ground | undefined): boolean {
  return (
    a.format === b?.format &&
    a.settings === b.settings &&
    a.target.hasNativeHistograms === b.target.hasNativeHistograms &&
    a.target.keepsClassicHistograms === b.target.keepsClassicHistograms &&
    a.target.convertsClassicHistograms === b.target.convertsClassicHistograms
  );
}

function cursorFor(entries: EntryCache, { format, settings, target }: Ground): ExpositionCursor {
  switch (format) {
    case 'text':
      return new PrometheusTextCursor(entries);
    case 'openmetrics':
      return new OpenMetricsCursor(entries, { hasStartTimestamps: settings.hasZeroSamples });
    case 'protobuf':
      return new PrometheusProtobufCursor(entries, {
        hasNativeHistograms: target.hasNativeHistograms,
        keepsClassicHistograms: target.keepsClassicHistograms,
      });
    default:
      throw new TypeError('unknown format', { cause: format satisfies never });
  }
}
