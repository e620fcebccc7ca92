import type { ByteBuilder } from '../../../base/byte-builder.ts';
import type { Log } from '../../../base/log.ts';
import type { SeriesTable } from '../../../model/series-table.ts';
import type { BatchMaker } from './batch-maker.ts';
import type { BodyMemory } from './body-memory.ts';
import type { Fetched } from './fetch-exposition.ts';
import type { ScrapeMeters } from './metrics.ts';
import type { SampleSender } from './sample-sender.ts';
import type { ScrapeClock } from './scrape-clock.ts';
import type { ScrapeSettings } from './scrape-settings.ts';
import type { ScrapeTarget } from './scrape-target.ts';

/** What the loops of a component share. */
export interface LoopHost {
  readonly clock: ScrapeClock;
  readonly log: Log;
  readonly meters: ScrapeMeters;
  readonly table: SeriesTable;
  readonly maker: BatchMaker;
  readonly bodies: BodyMemory;
  readonly sender: SampleSender;
  /** Makes the offsets differ between those who scrape the same targets. */
  readonly seed: string;
  /** Aborts when the component stops. */
  readonly stopped: AbortSignal;
  settings(): ScrapeSettings;
  /** Why nothing may be scraped at the moment. */
  refusal(): string | undefined;
  /** The response may be in the memory that is given for it. */
  fetch(target: ScrapeTarget, into: ByteBuilder): Promise<Fetched>;
  failed(target: ScrapeTarget, error: string): void;
  /** Takes what must not happen. */
  broken(error: unknown): void;
}
