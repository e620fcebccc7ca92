import path from 'node:path';
import type { Log } from '../../../base/log.ts';
import type { ProgramInfo } from '../../../component/component.ts';
import type { HealthState } from '../../../component/health.ts';
import type { Consumer, Delivery } from '../../../flow/delivery.ts';
import { fanout } from '../../../flow/fanout.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import { identitiesOf } from '../../../net/endpoint-identity.ts';
import { QueueingEndpoints } from '../../../storage/queueing-endpoints.ts';
import { Endpoint, type EndpointSetup } from './endpoint.ts';
import type { RemoteWriteArgs } from './fields.ts';
import type { RemoteWriteMeters } from './metrics.ts';
import { SeriesTimes } from './series-times.ts';

export interface RemoteWriterContext {
  readonly metrics: RemoteWriteMeters;
  readonly program: ProgramInfo;
  readonly log: Log;
  readonly dataDir: string;
  health(state: HealthState, message: string): void;
}

/** Gives samples to every endpoint of a component. */
export class RemoteWriter implements Consumer<SampleBatch> {
  readonly #metrics: RemoteWriteMeters;
  readonly #endpoints: QueueingEndpoints<EndpointSetup, Endpoint>;
  readonly #seriesTimes: SeriesTimes;
  #all: Consumer<SampleBatch>;

  constructor(args: RemoteWriteArgs, { metrics, program, log, dataDir, health }: RemoteWriterContext) {
    this.#metrics = metrics;
    this.#seriesTimes = new SeriesTimes(metrics);
    this.#endpoints = new QueueingEndpoints({
      // Alloy has a folder `wal` there, which stays for those who go back to it.
      folder: path.join(dataDir, 'queue'),
      items: 'samples',
      log,
      health,
      open: (setup, { folder, folderUse, problem, failed }) =>
        new Endpoint(setup, {
          metrics,
          program,
          log,
          folder,
          folderUse,
          problem: (message) => problem(folder, message),
          failed,
        }),
    });
    this.#all = this.#replaceEndpoints(args);
  }

  consume(batch: SampleBatch, delivery: Delivery): Promise<void> | void {
    this.#count(batch);
    return this.#all.consume(batch, delivery);
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#endpoints.run(signal);
  }

  update(args: RemoteWriteArgs): void {
    this.#all = this.#replaceEndpoints(args);
  }

  close(): Promise<void> {
    this.#seriesTimes.close();
    return this.#endpoints.close();
  }

  debugInfo() {
    return { endpoints: this.#endpoints.all.map(({ state }) => state) };
  }

  #count(batch: SampleBatch): void {
    const { samplesIn, histogramsIn, exemplarsIn, highestIn } = this.#metrics;
    const { samplesAppended, exemplarsAppended, metadataUpdates } = this.#metrics;
    const histograms = batch.histograms?.count ?? 0;
    const exemplars = batch.exemplars?.count ?? 0;
    samplesIn.inc(batch.count);
    histogramsIn.inc(histograms);
    exemplarsIn.inc(exemplars);
    samplesAppended.inc(batch.count + histograms);
    exemplarsAppended.inc(exemplars);
    metadataUpdates.inc(batch.families.length);
    this.#seriesTimes.note(batch);
    highestIn.set(Math.max(highestIn.value, this.#seriesTimes.newest / 1000));
  }

  #replaceEndpoints({ endpoint: all, external_labels: externalLabels, wal }: RemoteWriteArgs): Consumer<SampleBatch> {
    const identities = identitiesOf(all);
    this.#endpoints.replace(
      all.map((args, index) => ({ identity: identities[index] ?? '', setup: { args, externalLabels, wal } })),
    );
    return fanout(this.#endpoints.all);
  }
}
