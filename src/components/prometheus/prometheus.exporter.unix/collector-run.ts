import type { Collect } from './collector.ts';
import { Samples } from './samples.ts';

/** A collector and what it has found. It does not run twice at the same time: what hangs would hang twice. */
export class CollectorRun {
  readonly name: string;
  readonly samples = new Samples();
  /** How long the last run took. */
  seconds = 0;
  /** Why the last run failed; undefined if it did not. */
  error: unknown;
  readonly #collect: Collect;
  #running: Promise<void> | undefined;

  constructor(name: string, collect: Collect) {
    this.name = name;
    this.#collect = collect;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Collects, unless that goes on already; undefined if it has come to its end at once. */
  start(): Promise<void> | undefined {
    if (this.#running !== undefined) return this.#running;
    this.samples.begin();
    this.error = undefined;
    const start = performance.now();
    try {
      this.#running = this.#collect(this.samples)
        ?.catch((error: unknown) => this.#fail(error))
        .then(() => this.#end(start));
    } catch (error) {
      this.#fail(error);
    }
    if (this.#running === undefined) this.#end(start);
    return this.#running;
  }

  #fail(error: unknown): void {
    this.error = error ?? new Error('it failed for no reason');
  }

  #end(start: number): void {
    this.#running = undefined;
    this.samples.end();
    this.seconds = Math.round((performance.now() - start) * 1e6) / 1e9;
  }
}
