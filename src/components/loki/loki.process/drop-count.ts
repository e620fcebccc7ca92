import type { StageContext } from './stage.ts';

/** Counts lines that a stage drops, by batch and once that is accepted: a batch that is refused comes again. */
export class DropCount {
  readonly #context: Pick<StageContext, 'metrics' | 'passage'>;
  readonly #reason: string;
  #batch = -1;
  #inBatch = { lines: 0 };

  constructor(context: Pick<StageContext, 'metrics' | 'passage'>, reason: string) {
    this.#context = context;
    this.#reason = reason;
    // Shown before there is anything to count.
    context.metrics.droppedLines.with(reason);
  }

  inc(): void {
    const { passage, metrics } = this.#context;
    if (passage.number !== this.#batch) {
      const inBatch = { lines: 0 };
      this.#batch = passage.number;
      this.#inBatch = inBatch;
      passage.onAcceptance(() => metrics.droppedLines.with(this.#reason).inc(inBatch.lines));
    }
    this.#inBatch.lines++;
  }
}
