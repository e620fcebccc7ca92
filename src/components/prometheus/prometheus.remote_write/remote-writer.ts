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
  #all: Consumer<SampleBatch>;

  constructor(args: RemoteWriteArgs, { metrics, program, log, dataDir, health }: RemoteWriterContext) {
    this.#metrics = metrics;
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
    const { samplesIn, histogramsIn, exemplarsIn, highestIn } = this.#metrics;
    samplesIn.inc(batch.count);
    histogramsIn.inc(batch.histograms?.count ?? 0);
    exemplarsIn.inc(batch.exemplars?.count ?? 0);
    const { timestamps } = batch;
    let newest = highestIn.value * 1000;
    for (let index = 0; index < timestamps.length; index++) newest = Math.max(newest, timestamps[index] ?? 0);
    highestIn.set(newest / 1000);
    return this.#all.consume(batch, delivery);
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#endpoints.run(signal);
  }

  update(args: RemoteWriteArgs): void {
    this.#all = this.#replaceEndpoints(args);
  }

  close(): Promise<void> {
    return this.#endpoints.close();
  }

  debugInfo() {
    return { endpoints: this.#endpoints.all.map(({ state }) => state) };
  }

  #replaceEndpoints({ endpoint: all, external_labels: externalLabels, wal }: RemoteWriteArgs): Consumer<SampleBatch> {
    const identities = identitiesOf(all);
    this.#endpoints.replace(
      all.map((args, index) => ({ identity: identities[index] ?? '', setup: { args, externalLabels, wal } })),
    );
    return fanout(this.#endpoints.all);
  }
}
