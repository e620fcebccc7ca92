import { longestTimeout, type Milliseconds } from './duration.ts';

/** Lets one waiter sleep until someone rings. A ring while nobody waits is kept, so that none is missed. */
export class Doorbell {
  #isRung = false;
  #answer: (() => void) | undefined;

  ring(): void {
    if (this.#answer === undefined) this.#isRung = true;
    else this.#answer();
  }

  /** Resolves at the next ring, at the latest after the given time. */
  async wait(atMost: Milliseconds = Infinity): Promise<void> {
    if (!this.#isRung) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#answer = resolve;
      const timer = atMost === Infinity ? undefined : setTimeout(resolve, Math.min(atMost, longestTimeout));
      await promise;
      clearTimeout(timer);
      this.#answer = undefined;
    }
    this.#isRung = false;
  }
}

/** Does a job now, whenever it rings, and after each period, until the signal aborts. The job must not reject. */
export async function repeat(
  bell: Doorbell,
  signal: AbortSignal,
  period: () => Milliseconds,
  job: () => Promise<void>,
): Promise<void> {
  const stop = (): void => bell.ring();
  signal.addEventListener('abort', stop);
  while (!signal.aborted) {
    await job();
    if (!signal.aborted) await bell.wait(period());
  }
  signal.removeEventListener('abort', stop);
}
