import type { Log } from '../../../base/log.ts';
import type { SampleBatchBuilder } from '../../../model/sample-batch-builder.ts';
import type { SeriesTable } from '../../../model/series-table.ts';
import type { Fetched } from './fetch-exposition.ts';
import type { ScrapeMeters } from './metrics.ts';
import type { SampleSender } from './sample-sender.ts';
import type { ScrapeClock } from './scrape-clock.ts';
import type { ScrapeReader } from './scrape-reader.ts';
import type { ScrapeSettings } from './scrape-settings.ts';
import type { ScrapeTarget } from './scrape-target.ts';
import type { SeriesMarks } from './series-marks.ts';

/** What the loops of a component share. */
export interface LoopHost {
  readonly clock: ScrapeClock;
  readonly log: Log;
  readonly meters: ScrapeMeters;
  readonly table: SeriesTable;
  /** Used by one loop at a time, since reading does not wait for anything. */
  readonly builder: SampleBatchBuilder;
  readonly marks: SeriesMarks;
  readonly reader: ScrapeReader;
  readonly sender: SampleSender;
  /** Makes the offsets differ between those who scrape the same targets. */
  readonly seed: string;
  /** Aborts when the component stops. */
  readonly stopped: AbortSignal;
  settings(): ScrapeSettings;
  /** Why nothing may be scraped at the moment. */
  refusal(): string | undefined;
  fetch(target: ScrapeTarget): Promise<Fetched>;
  failed(target: ScrapeTarget, error: string): void;
  /** Takes what must not happen. */
  broken(error: unknown): void;
}
