import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyComponent } from '../component/component.ts';
import { hostArguments, hostTree, openExporter, samplesIn, type HostFiles } from './host-tree.ts';

/** What a collector makes of the files of a made-up machine. */
export interface CollectorCase {
  /** A sentence. */
  readonly title: string;
  /** The collector, of which alone the samples are compared. */
  readonly collector: string;
  /** Further arguments, as they stand in a configuration. */
  readonly config?: string;
  readonly files: HostFiles;
  /** All samples, without the prefix `node_`; the folder of the files is `@`. */
  readonly samples: readonly string[];
  /** Whether the collector tells that it succeeded; it does unless this says otherwise. */
  readonly isSuccess?: boolean;
}

/** Makes a test of each case. */
export function testCollectors(spec: AnyComponent, cases: readonly CollectorCase[]): void {
  for (const { title, collector, config = '', files, samples, isSuccess = true } of cases) {
    test(`${collector}: ${title}`, async (t) => {
      const folder = await hostTree(t, files);
      const chosen = collector === 'watchdog' ? 'set_collectors = ["none"]\nenable_collectors' : 'set_collectors';
      const exporter = openExporter(
        spec,
        `${chosen} = [${JSON.stringify(collector)}]\n${hostArguments(folder)}${config.replaceAll('@', folder)}`,
      );
      const text = await exporter.metrics();
      const again = await exporter.metrics();
      assert.deepEqual(seriesIn(again), seriesIn(text), 'a second scrape finds something else');
      const found = samplesIn(text).map((line) => line.replace(/^node_/, '').replaceAll(folder, '@'));
      assert.deepEqual(found.toSorted(), samples.toSorted(), JSON.stringify(exporter.logged));
      const success = `node_scrape_collector_success{collector="${collector}"} ${isSuccess ? 1 : 0}\n`;
      assert.ok(text.includes(success), text);
    });
  }
}

/** The samples in a text, without times. */
function seriesIn(text: string): string[] {
  return text.split('\n').filter((line) => !line.startsWith('node_scrape_collector_duration_seconds{'));
}
