import type { Labels } from '../../../model/labels.ts';
import { encodeLabels } from '../../../model/label-set-builder.ts';
import type { SampleBatchBuilder } from '../../../model/sample-batch-builder.ts';
import type { SeriesRef, SeriesTable } from '../../../model/series-table.ts';
import type { SeriesMarks } from './series-marks.ts';

const usualNames = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
] as const;

const extraNames = ['scrape_timeout_seconds', 'scrape_sample_limit', 'scrape_body_size_bytes'] as const;

/** What is reported of a scrape, by the names of the series. */
export type ScrapeReport = Readonly<Record<(typeof usualNames)[number] | (typeof extraNames)[number], number>>;

/** The series that tell of the scrapes of one target. Has a share in each. */
export class ReportSeries {
  readonly #table: SeriesTable;
  readonly #labels: Labels;
  /** Zero where there is no room for a series. */
  readonly #series = new Map<keyof ScrapeReport, SeriesRef>();

  constructor(table: SeriesTable, labels: Labels) {
    this.#table = table;
    this.#labels = labels;
  }

  /** Adds what is reported, but for what the target has exposed itself. */
  add(
    builder: SampleBatchBuilder,
    marks: SeriesMarks,
    timestamp: number,
    report: ScrapeReport,
    hasExtra: boolean,
  ): void {
    for (const name of hasExtra ? [...usualNames, ...extraNames] : usualNames) {
      const series = this.#seriesOf(name);
      if (series !== 0 && marks.add(series)) builder.add(series, report[name], timestamp);
    }
  }

  /** Marks all series as ended, but for those that are marked already. */
  endAll(builder: SampleBatchBuilder, marks: SeriesMarks, timestamp: number): void {
    for (const series of this.#series.values())
      if (series !== 0 && marks.add(series)) builder.addStale(series, timestamp);
  }

  close(): void {
    for (const series of this.#series.values()) if (series !== 0) this.#table.release(series);
    this.#series.clear();
  }

  #seriesOf(name: keyof ScrapeReport): SeriesRef {
    let series = this.#series.get(name) ?? 0;
    if (series === 0) {
      const bytes = encodeLabels(this.#labels.with('__name__', name));
      series = this.#table.intern(bytes, 0, bytes.length);
      this.#series.set(name, series);
    }
    return series;
  }
}
