import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { logTo } from '../base/log.ts';
import { openMetrics } from '../component/metrics.ts';
import { sendingQueueBlock, retryBlock } from '../components/otelcol/sending-queue/fields.ts';
import { exporterMetrics } from '../components/otelcol/sending-queue/metrics.ts';
import { QueuedExporter, type ExporterSetup } from '../components/otelcol/sending-queue/queued-exporter.ts';
import type { Transport } from '../components/otelcol/sending-queue/transport.ts';
import { exportedStorageHandler, type StorageHandler } from '../components/otelcol/storage-handler.ts';
import { send, type Sent } from '../flow/delivery.ts';
import type { OtlpBatch } from '../model/otlp-batch.ts';
import { argumentsFrom } from './arguments.ts';

const fields = { sending_queue: sendingQueueBlock, retry_on_failure: retryBlock };

export interface RunExporterOptions {
  /** What `disk` stands for in the text. */
  readonly directory?: string;
  readonly storage?: Partial<StorageHandler>;
}

/** An exporter with a queue that runs, with arguments from a text. */
export class TestExporter implements AsyncDisposable {
  readonly exporter: QueuedExporter;
  readonly logged: string[] = [];
  health = '';
  readonly #options: RunExporterOptions;
  readonly #metrics = openMetrics(exporterMetrics(['server_address', 'server_port']));
  readonly #stop = new AbortController();
  readonly #run: Promise<void>;

  constructor(transport: Transport, text: string, options: RunExporterOptions = {}) {
    this.#options = options;
    this.exporter = new QueuedExporter(this.#setup(transport, text), {
      id: 'otelcol.exporter.otlp.test',
      type: 'otlp',
      metrics: this.#metrics.meters,
      log: logTo((_level, message) => void this.logged.push(message)),
      health: (state, message) => (this.health = `${state}: ${message}`),
    });
    this.#run = this.exporter.run(this.#stop.signal);
  }

  send(batch: OtlpBatch, signal = new AbortController().signal): Sent {
    const sent = send(this.exporter, batch, signal);
    sent.accepted.catch(() => undefined);
    return sent;
  }

  update(transport: Transport, text: string): void {
    this.exporter.update(this.#setup(transport, text));
  }

  /** The value of the metric whose name ends so, for traces where it has kinds; of those with further labels the sum. */
  metric(name: string): number {
    let sum = 0;
    for (const { name: full, series } of this.#metrics.collect()) {
      for (const { labels, meter } of series) {
        const text = `${full}{${labels.map((pair) => pair.join('=')).join(',')}}`;
        if (text.includes(name) && !/data_type=(?:metrics|logs)/.test(text) && 'value' in meter) sum += meter.value;
      }
    }
    return sum;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.exporter.close();
  }

  #setup(transport: Transport, text: string): ExporterSetup {
    const { directory = '', storage } = this.#options;
    const handler = {
      id: 'otelcol.storage.file.test',
      directory,
      newDirectoryMode: 0o750,
      maxBytes: 100_000_000,
      isSynced: true,
      ...storage,
    };
    const disk = exportedStorageHandler('').type.encode(handler);
    const args = argumentsFrom(fields, text, { disk });
    return { transport, queue: args.sending_queue, retry: args.retry_on_failure };
  }
}

/** A folder that is removed after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'otlp-queue-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
