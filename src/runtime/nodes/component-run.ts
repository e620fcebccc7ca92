/** The part of an instance that runs. */
export interface Runnable {
  run?(signal: AbortSignal): Promise<void>;
  close?(): Promise<void>;
}

/** One instance at work. It begins when its predecessor is gone, so that both never own the same things at a time. */
export class ComponentRun {
  readonly #instance: Runnable;
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;
  #isClosed = false;

  /** `ended` is told that the run is over, with the error if it failed; not if it was stopped before it began. */
  constructor(instance: Runnable, predecessor: ComponentRun | undefined, ended: (error: unknown) => void) {
    this.#instance = instance;
    this.#done = this.#work(predecessor, ended);
  }

  /** Whether it was told to stop. */
  get isStopping(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Resolves when the run has ended. */
  stop(): Promise<void> {
    this.#abort.abort();
    return this.#done;
  }

  /** Lets the instance record the last acknowledgements; to be called after `stop`. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#instance.close?.();
  }

  async #work(predecessor: ComponentRun | undefined, ended: (error: unknown) => void): Promise<void> {
    if (predecessor !== undefined) {
      await predecessor.stop();
      await predecessor.close();
    }
    if (this.isStopping) return;
    try {
      await this.#instance.run?.(this.#abort.signal);
    } catch (error) {
      ended(error);
      return;
    }
    if (this.#instance.run !== undefined) ended(undefined);
  }
}
