import { settled } from './sink.ts';

interface Sleeper {
  until: number;
  wake(isOver: boolean): void;
}

/** A clock that goes when it is told to. */
export class VirtualClock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  sleep(time: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const sleeper: Sleeper = {
      until: this.#now + Math.max(0, time),
      wake: (isOver) => {
        this.#sleepers.delete(sleeper);
        resolve(isOver);
      },
    };
    this.#sleepers.add(sleeper);
    signal.addEventListener('abort', () => sleeper.wake(false), { once: true });
    return promise;
  }

  /** Lets time pass, with everything happening at its moment that waits for nothing else. */
  async advance(time: number): Promise<void> {
    const end = this.#now + time;
    for (;;) {
      await settled();
      const [next] = [...this.#sleepers].toSorted((a, b) => a.until - b.until);
      if (next === undefined || next.until > end) break;
      this.#now = Math.max(this.#now, next.until);
      next.wake(true);
    }
    this.#now = end;
    await settled();
  }

  /** Sets the clock; who sleeps, sleeps as long as before. */
  set(now: number): void {
    for (const sleeper of this.#sleepers) sleeper.until += now - this.#now;
    this.#now = now;
  }
}
