import { Backoff } from '../../../base/backoff.ts';
import { Doorbell, repeat } from '../../../base/doorbell.ts';
import type { Milliseconds } from '../../../base/duration.ts';
import type { Log } from '../../../base/log.ts';
import { waitUntil } from '../../../base/wait-until.ts';
import { DeliveryError } from '../../../flow/delivery.ts';
import type { Cursor } from './cursor.ts';

/**
 * Puts on what a stage keeps and what is due by a time, on the clock of `performance.now`. Returns when the next is due,
 * `Infinity` if there is none. Where what it put on is refused, the stage has it back and is asked again.
 */
export type Flush = (cursor: Cursor, by: Milliseconds) => Milliseconds;

/** Sends what a flush puts on as a batch of its own, and settles when that is accepted; a throw or rejection refuses it. */
export type Emit = (putOn: (cursor: Cursor) => void, signal: AbortSignal) => Promise<void> | void;

/** Lets one stage send what it keeps at times of its own, with one timer, which there is only while the pipeline runs. */
export class TimedFlush {
  readonly #flush: Flush;
  readonly #emit: Emit;
  readonly #log: Log;
  readonly #bell = new Doorbell();
  readonly #backoff = new Backoff(100, 5000);
  #dueAt: Milliseconds = Infinity;

  constructor(flush: Flush, emit: Emit, log: Log) {
    this.#flush = flush;
    this.#emit = emit;
    this.#log = log;
  }

  /** Makes the flush happen at this time at the latest. */
  wakeAt(time: Milliseconds): void {
    if (time >= this.#dueAt) return;
    this.#dueAt = time;
    this.#bell.ring();
  }

  /** Flushes what is due until the signal aborts. */
  run(signal: AbortSignal): Promise<void> {
    return repeat(
      this.#bell,
      signal,
      () => Math.max(0, this.#dueAt - performance.now()),
      async () => {
        const now = performance.now();
        if (this.#dueAt <= now) await this.#isFlushed(now, signal);
      },
    );
  }

  /** Flushes everything, or gives up when the signal aborts. */
  async finish(signal: AbortSignal): Promise<void> {
    while (!(await this.#isFlushed(Infinity, signal)) && (await waitUntil(this.#dueAt, signal)));
  }

  async #isFlushed(by: Milliseconds, signal: AbortSignal): Promise<boolean> {
    this.#dueAt = Infinity;
    let next = Infinity;
    try {
      await this.#emit((cursor) => (next = this.#flush(cursor, by)), signal);
    } catch (thrown) {
      const error = DeliveryError.from(thrown);
      if (!error.isRetryable) this.#log.error('entries that a stage kept were lost', { error: error.message });
      this.wakeAt(performance.now() + this.#backoff.next());
      return false;
    }
    this.#backoff.reset();
    this.wakeAt(next);
    return true;
  }
}
