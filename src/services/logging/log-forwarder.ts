import { deliver, type Consumer } from '../../flow/delivery.ts';
import type { Counter, Family } from '../../component/metrics.ts';
import { Labels } from '../../model/labels.ts';
import type { LogBatch, LogEntry } from '../../model/log-batch.ts';
import { logBatch } from '../../model/log-batch-builder.ts';
import type { LogRecord } from './log-line.ts';

/** Lines that wait while the pipeline is busy; more are dropped. */
const maxWaiting = 1000;

/** Lines are collected this long, so that they go out as batches. */
const batchWait = 200;

/** As Alloy names itself, since pipelines select the lines by it. */
const labels = Labels.fromRecord({ component: 'alloy' });

interface WaitingLine {
  readonly entry: LogEntry;
  readonly componentId: string | undefined;
}

/**
 * Sends the log to a pipeline. It never waits and never fails: what the pipeline does not take is dropped and counted.
 * Lines of components that the pipeline itself consists of are left out, since their troubles would feed themselves.
 */
export class LogForwarder {
  readonly #to: Consumer<LogBatch>;
  readonly #pipeline: () => ReadonlySet<string>;
  readonly #dropped: Family<Counter, readonly ['reason']>;
  readonly #abort = new AbortController();
  #waiting: WaitingLine[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isSending = false;

  /** `pipeline` tells the IDs of the components that lines can get to. */
  constructor(
    to: Consumer<LogBatch>,
    pipeline: () => ReadonlySet<string>,
    dropped: Family<Counter, readonly ['reason']>,
  ) {
    this.#to = to;
    this.#pipeline = pipeline;
    this.#dropped = dropped;
  }

  add({ time, fields }: LogRecord, line: string): void {
    if (this.#waiting.length >= maxWaiting) {
      this.#dropped.with('buffer_full').inc();
      return;
    }
    const seconds = Math.floor(time / 1000);
    const nanos = (time - seconds * 1000) * 1_000_000;
    const entry = { line, seconds, nanos, labels, metadata: [] };
    this.#waiting.push({ entry, componentId: componentIdOf(fields) });
    this.#sendLater();
  }

  /** Gives up what waits. */
  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
    if (this.#waiting.length > 0) this.#dropped.with('closed').inc(this.#waiting.length);
    this.#waiting = [];
  }

  #sendLater(): void {
    if (this.#isSending || this.#abort.signal.aborted) return;
    this.#timer ??= setTimeout(() => void this.#send(), batchWait).unref();
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    const pipeline = this.#pipeline();
    const lines = waiting.filter(({ componentId }) => componentId === undefined || !pipeline.has(componentId));
    if (lines.length < waiting.length) this.#dropped.with('own_pipeline').inc(waiting.length - lines.length);
    const batch = logBatch(
      lines.map(({ entry }) => entry),
      Date.now(),
    );
    if (batch === undefined) return;
    this.#isSending = true;
    try {
      await deliver(this.#to, batch, this.#abort.signal, () => undefined);
    } catch {
      this.#dropped.with('refused').inc(batch.count);
    }
    this.#isSending = false;
    if (this.#waiting.length > 0) this.#sendLater();
  }
}

/** The global ID of the component that a line is about. */
function componentIdOf({ component_path: path, component_id: id }: LogRecord['fields']): string | undefined {
  if (typeof path !== 'string' || typeof id !== 'string') return undefined;
  return path === '/' ? id : `${path.slice(1)}/${id}`;
}
