import path from 'node:path';
import type { Log } from '../../../base/log.ts';
import { messageOf } from '../../../base/message-of.ts';
import type { ProgramInfo } from '../../../component/component.ts';
import type { HealthState } from '../../../component/health.ts';
import type { Consumer, Delivery } from '../../../flow/delivery.ts';
import { fanout } from '../../../flow/fanout.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import { identitiesOf } from '../../../net/endpoint-identity.ts';
import { adoptQueues, FolderUse, pairUp } from '../../../storage/queue-folders.ts';
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

/** The endpoints of a component. It lives through reloads, so that what waits in them does too. */
export class RemoteWriter implements Consumer<SampleBatch> {
  readonly #context: RemoteWriterContext;
  readonly #folder: string;
  readonly #folderUse = new FolderUse();
  readonly #problems = new Map<string, string>();
  readonly #failure = Promise.withResolvers<never>();
  #endpoints = new Map<string, Endpoint>();
  /** Endpoints that were removed, until they have stopped. */
  readonly #leaving = new Set<Promise<void>>();
  #all: Consumer<SampleBatch>;
  #isRunning = false;
  #hasStopped = false;

  constructor(args: RemoteWriteArgs, context: RemoteWriterContext) {
    this.#context = context;
    // Alloy has a folder `wal` there, which stays for those who go back to it.
    this.#folder = path.join(context.dataDir, 'queue');
    this.#all = this.#replaceEndpoints(args);
    // Whoever runs it is told.
    this.#failure.promise.catch(() => undefined);
  }

  consume(batch: SampleBatch, delivery: Delivery): Promise<void> | void {
    const { samplesIn, histogramsIn, exemplarsIn, highestIn } = this.#context.metrics;
    samplesIn.inc(batch.count);
    histogramsIn.inc(batch.histograms?.count ?? 0);
    exemplarsIn.inc(batch.exemplars?.count ?? 0);
    const { timestamps } = batch;
    let newest = highestIn.value * 1000;
    for (let index = 0; index < timestamps.length; index++) newest = Math.max(newest, timestamps[index] ?? 0);
    highestIn.set(newest / 1000);
    return this.#all.consume(batch, delivery);
  }

  /** Sends until the signal aborts, and then what is left. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#adoptQueues();
    this.#isRunning = true;
    for (const endpoint of this.#endpoints.values()) endpoint.start();
    const { promise: stopped, resolve } = Promise.withResolvers<void>();
    const stop = (): void => resolve();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    try {
      await Promise.race([stopped, this.#failure.promise]);
    } finally {
      signal.removeEventListener('abort', stop);
      await this.#stop();
    }
  }

  /** Endpoints that are still there go on, by new settings; those that are not send what they have, and go. */
  update(args: RemoteWriteArgs): void {
    this.#all = this.#replaceEndpoints(args);
  }

  /** Stops what has never run, since samples may have come all the same. */
  async close(): Promise<void> {
    if (!this.#hasStopped) await this.#stop();
  }

  debugInfo() {
    return { endpoints: Array.from(this.#endpoints.values(), ({ state }) => state) };
  }

  #replaceEndpoints({ endpoint: all, external_labels: externalLabels, wal }: RemoteWriteArgs): Consumer<SampleBatch> {
    const before = this.#endpoints;
    const identities = identitiesOf(all);
    const pairs = pairUp([...before.keys()], identities);
    this.#endpoints = new Map(
      all.map((args, index): [string, Endpoint] => {
        const setup = { args, externalLabels, wal };
        const known = before.get(pairs[index] ?? '');
        known?.change(setup);
        return [identities[index] ?? '', known ?? this.#newEndpoint(identities[index] ?? '', setup)];
      }),
    );
    for (const [identity, endpoint] of before) if (!pairs.includes(identity)) this.#remove(endpoint);
    return fanout([...this.#endpoints.values()]);
  }

  #newEndpoint(identity: string, setup: EndpointSetup): Endpoint {
    const { metrics, program, log } = this.#context;
    const folder = this.#folderFor(identity);
    const endpoint = new Endpoint(setup, {
      metrics,
      program,
      log,
      folder,
      folderUse: this.#folderUse,
      problem: (message) => this.#showProblem(folder, message),
      failed: (error) => this.#failure.reject(error),
    });
    if (this.#isRunning) endpoint.start();
    return endpoint;
  }

  /** A folder that no endpoint has, as one may that was changed from what this one is. */
  #folderFor(identity: string): string {
    const taken = new Set(Array.from(this.#endpoints.values(), ({ folder }) => folder));
    let folder = path.join(this.#folder, identity);
    for (let number = 2; taken.has(folder); number++) folder = path.join(this.#folder, `${identity}-${number}`);
    return folder;
  }

  #remove(endpoint: Endpoint): void {
    const left = endpoint.leave().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  async #stop(): Promise<void> {
    this.#hasStopped = true;
    this.#isRunning = false;
    await Promise.all([...this.#leaving, ...Array.from(this.#endpoints.values(), (endpoint) => endpoint.stop())]);
  }

  async #adoptQueues(): Promise<void> {
    const { log } = this.#context;
    try {
      const orphans = await adoptQueues(this.#folder, [...this.#endpoints.keys()]);
      for (const name of orphans) {
        const folder = path.join(this.#folder, name);
        log.warn('samples for an endpoint that is not there any more are left alone', { folder });
      }
    } catch (error) {
      log.error('cannot look for samples on disk', { error: messageOf(error) });
    }
  }

  #showProblem(folder: string, message: string | undefined): void {
    const before = this.#problems.get(folder);
    if (before === message) return;
    if (message === undefined) this.#problems.delete(folder);
    else this.#problems.set(folder, message);
    const { log, health } = this.#context;
    if (message === undefined) log.info('samples can be written to disk again', { folder });
    else log.error('samples cannot be written to disk', { error: message });
    const [problem] = this.#problems.values();
    if (problem === undefined) health('healthy', 'samples can be written to disk again');
    else health('unhealthy', `${problem}; samples are sent from memory`);
  }
}
