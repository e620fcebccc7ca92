import type { MetersOf } from '../../../component/metrics.ts';
import { DeliveryError, type Consumer, type Delivery } from '../../../flow/delivery.ts';
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
    let out: LogBatch | undefined;
    try {
      out = this.#process(batch);
    } catch (thrown) {
      // What is in the builder refers to memory that the next batch does not have.
      this.#builder.finish();
      this.#passage.fail(thrown);
      throw thrown;
    }
    return this.#passage.sendOn(out, this.#next);
  }

  /** Gives up what stages keep. */
  end(): void {
    this.#hasEnded = true;
    for (const finish of this.#finishers) finish();
  }

  #process(batch: LogBatch): LogBatch | undefined {
    this.#builder.start(batch.bytes, batch.readAt);
    const cursor = this.#cursor;
    const run = this.#run;
    for (let index = 0; index < batch.count; index++) {
      cursor.load(batch, index);
      run(cursor);
    }
    cursor.unload();
    return this.#builder.finish();
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
