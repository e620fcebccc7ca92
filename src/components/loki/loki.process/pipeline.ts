import type { MetersOf } from '../../../component/metrics.ts';
import { deliver, DeliveryError, type Consumer, type Delivery } from '../../../flow/delivery.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import { LogBatchBuilder } from '../../../model/log-batch-builder.ts';
import type { Variant } from '../../../schema/blocks.ts';
import { Cursor } from './cursor.ts';
import type { processMetrics } from './metrics.ts';
import { Passage } from './passage.ts';
import { Slots } from './slots.ts';
import type { Link, StageContext, StageSpec, Step } from './stage.ts';

/** The stages of one `loki.process`, compiled to one function that each entry is put through. */
export class Pipeline implements Consumer<LogBatch> {
  readonly #next: Consumer<LogBatch>;
  readonly #run: Step;
  readonly #cursor: Cursor;
  readonly #builder = new LogBatchBuilder();
  readonly #passage = new Passage();
  readonly #finishers: (() => void)[] = [];
  #hasEnded = false;

  constructor(
    stages: readonly Variant[],
    table: Readonly<Record<string, StageSpec>>,
    metrics: MetersOf<typeof processMetrics>,
    next: Consumer<LogBatch>,
  ) {
    this.#next = next;
    const slots = new Slots();
    const context: StageContext = {
      slots,
      metrics,
      passage: this.#passage,
      compile: (nested) => compileStages(nested, table, context),
      onEnd: (finish) => this.#finishers.push(finish),
    };
    this.#run = context.compile(stages)((cursor) => cursor.addTo(this.#builder));
    this.#cursor = new Cursor(slots);
  }

  consume(batch: LogBatch, delivery: Delivery): Promise<void> | void {
    if (this.#hasEnded) throw new DeliveryError('the pipeline has ended', { retryable: true });
    // Nothing here waits, so that batches of several senders never meet between these lines.
    this.#passage.begin(delivery);
    this.#builder.start(batch.bytes, batch.readAt);
    const cursor = this.#cursor;
    const run = this.#run;
    for (let index = 0; index < batch.count; index++) {
      cursor.load(batch, index);
      run(cursor);
    }
    const out = this.#builder.finish();
    const { carried, undo } = this.#passage.end();
    if (out === undefined) {
      for (const settleCarried of carried) settleCarried();
      return undefined;
    }
    if (carried.length === 0 && undo.length === 0) return this.#next.consume(out, delivery);

    const settle = delivery.hold();
    const accepted = deliver(this.#next, out, delivery.signal, (error) => {
      for (const settleCarried of carried) settleCarried(error);
      settle(error);
    });
    return accepted?.catch((error: unknown) => {
      for (const giveUp of undo) giveUp();
      throw error;
    });
  }

  /** Gives up what stages keep. */
  end(): void {
    this.#hasEnded = true;
    for (const finish of this.#finishers) finish();
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
