import type { Milliseconds } from '../../../base/duration.ts';
import type { Log } from '../../../base/log.ts';
import type { MetersOf } from '../../../component/metrics.ts';
import { DeliveryError, Tracking, type Consumer, type Delivery } from '../../../flow/delivery.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import { LogBatchBuilder } from '../../../model/log-batch-builder.ts';
import type { Variant } from '../../../schema/blocks.ts';
import { Cursor } from './cursor.ts';
import { CustomMetrics } from './custom-metrics.ts';
import type { processMetrics } from './metrics.ts';
import { Passage } from './passage.ts';
import { Slots } from './slots.ts';
import type { Link, StageContext, StageSpec, Step } from './stage.ts';
import { TimedFlush, type Emit } from './timed-flush.ts';

const noBytes = Buffer.alloc(0);

/** How long the last flush may take where nobody takes what it sends. */
const defaultFinishTimeout: Milliseconds = 5000;

export interface PipelineOptions {
  readonly stages: readonly Variant[];
  /** All kinds of stages. */
  readonly table: Readonly<Record<string, StageSpec>>;
  readonly metrics: MetersOf<typeof processMetrics>;
  readonly log: Log;
  readonly next: Consumer<LogBatch>;
}

/** The stages of one `loki.process`, compiled to one function that each entry is put through. */
export class Pipeline implements Consumer<LogBatch> {
  readonly #next: Consumer<LogBatch>;
  readonly #metrics: MetersOf<typeof processMetrics>;
  readonly #customMetrics: CustomMetrics;
  readonly #run: Step;
  readonly #cursor: Cursor;
  readonly #builder = new LogBatchBuilder();
  readonly #ended = new AbortController();
  readonly #passage = new Passage(this.#ended.signal);
  readonly #preparations: (() => Promise<void>)[] = [];
  readonly #flushes: TimedFlush[] = [];
  readonly #finishers: (() => void)[] = [];

  constructor({ stages, table, metrics, log, next }: PipelineOptions) {
    this.#next = next;
    this.#metrics = metrics;
    this.#customMetrics = new CustomMetrics(this.#passage, metrics.customUpdatesRejected);
    const slots = new Slots();
    const emit: Emit = (putOn, signal) => this.#emit(putOn, signal);
    const context: StageContext = {
      slots,
      metrics,
      log,
      passage: this.#passage,
      customMetrics: this.#customMetrics,
      compile: (nested) => compileStages(nested, table, context),
      onPrepare: (prepare) => this.#preparations.push(prepare),
      timedFlush: (flush) => {
        const timed = new TimedFlush(flush, emit, log);
        this.#flushes.push(timed);
        return timed;
      },
      onEnd: (finish) => this.#finishers.push(finish),
    };
    this.#run = context.compile(stages)((cursor) => cursor.addTo(this.#builder));
    this.#cursor = new Cursor(slots);
  }

  /** Does the I/O that must be over before batches come. */
  async prepare(): Promise<void> {
    for (const prepare of this.#preparations.splice(0)) await prepare();
  }

  consume(batch: LogBatch, delivery: Delivery): Promise<void> | void {
    if (this.#ended.signal.aborted) throw new DeliveryError('the pipeline has ended', { retryable: true });
    return this.#pass(delivery, batch.bytes, batch.readAt, (cursor) => this.#putThrough(batch, cursor));
  }

  /** Works until the signal aborts, and then sends what stages keep and can be sent. */
  async run(signal: AbortSignal, finishTimeout = defaultFinishTimeout): Promise<void> {
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    signal.addEventListener('abort', () => this.#ended.abort(), { once: true });
    // An instance that takes the place of one that failed was not prepared.
    await this.prepare();
    const hide = this.#metrics.custom.show(() => this.#customMetrics.collect());
    await Promise.all([aborted, ...this.#flushes.map((flush) => flush.run(signal))]);
    // What an earlier stage sends may be kept by a later one. They are linked from the last to the first.
    const finished = AbortSignal.timeout(finishTimeout);
    for (const flush of this.#flushes.toReversed()) await flush.finish(finished);
    this.close();
    hide();
  }

  /** Gives up what stages still keep. Batches may have come to a pipeline that never ran. */
  close(): void {
    this.#ended.abort();
    for (const finish of this.#finishers) finish();
  }

  /** Sends what a stage keeps. */
  #emit(putOn: (cursor: Cursor) => void, signal: AbortSignal): Promise<void> | void {
    // The batches that it came from are what is acknowledged.
    const delivery = new Tracking(signal, () => undefined);
    return this.#pass(delivery, noBytes, Date.now(), putOn);
  }

  #pass(delivery: Delivery, arena: Buffer, readAt: number, putOn: (cursor: Cursor) => void): Promise<void> | void {
    // Nothing here waits, so that batches of several senders never meet between these lines.
    this.#passage.begin(delivery);
    let out: LogBatch | undefined;
    try {
      this.#builder.start(arena, readAt);
      putOn(this.#cursor);
      this.#cursor.unload();
      out = this.#builder.finish();
    } catch (thrown) {
      // What is in the builder refers to memory that the next batch does not have.
      this.#builder.finish();
      this.#passage.fail(thrown);
      throw thrown;
    }
    return this.#passage.sendOn(out, this.#next);
  }

  #putThrough(batch: LogBatch, cursor: Cursor): void {
    const run = this.#run;
    for (let index = 0; index < batch.count; index++) {
      cursor.load(batch, index);
      run(cursor);
    }
  }
}

function compileStages(
  stages: readonly Variant[],
  table: Readonly<Record<string, StageSpec>>,
  context: StageContext,
): Link {
  const links = stages.map(({ name, args }) => {
    const spec = table[name];
    if (spec === undefined) throw new TypeError(`unknown stage ${name}`);
    return spec.compile(args, context);
  });
  return (next) => links.reduceRight<Step>((step, link) => link(step), next);
}
