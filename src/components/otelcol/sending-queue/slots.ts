/** Lets a limited number of jobs run at the same time. Should one fail, which is a bug, everything here rejects. */
export class Slots {
  #limit: number;
  #busy = 0;
  #changed = Promise.withResolvers<void>();
  #failure: { readonly error: unknown } | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** From now on; what runs is not stopped. */
  changeLimit(limit: number): void {
    this.#limit = limit;
    this.#wake();
  }

  /** Starts a job when there is a slot; resolves then. */
  async start(job: () => Promise<void>): Promise<void> {
    while (this.#busy >= this.#limit) await this.#changed.promise;
    this.#throwFailure();
    this.#busy++;
    void job()
      .catch((error: unknown) => (this.#failure ??= { error }))
      .then(() => {
        this.#busy--;
        this.#wake();
      });
  }

  /** Resolves when there is a slot. */
  async free(): Promise<void> {
    while (this.#busy >= this.#limit) await this.#changed.promise;
    this.#throwFailure();
  }

  /** Resolves when nothing runs. */
  async idle(): Promise<void> {
    while (this.#busy > 0) await this.#changed.promise;
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
