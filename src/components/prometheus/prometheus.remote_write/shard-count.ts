import type { Milliseconds } from '../../../base/duration.ts';

/** How much the last interval counts in an average over all. */
const weight = 0.2;
const intervalSeconds = 10;
/** As long as another number would differ by less, it stays. */
const tolerance = 0.3;
/** With samples that are later than this, the number is not lowered. */
const maxDelaySeconds = 10;

/** A rate per second that forgets what was long ago. */
class AverageRate {
  #events = 0;
  #rate: number | undefined;

  get perSecond(): number {
    return this.#rate ?? 0;
  }

  add(events: number): void {
    this.#events += events;
  }

  tick(): void {
    const now = this.#events / intervalSeconds;
    this.#events = 0;
    this.#rate = this.#rate === undefined ? now : this.#rate + weight * (now - this.#rate);
  }
}

/** Finds out how many requests must be under way at a time to keep up, from what has happened every ten seconds. */
export class ShardCount {
  static readonly interval = intervalSeconds * 1000;
  /** The number before it is rounded and limited. */
  desired = 0;
  readonly #in = new AverageRate();
  readonly #dropped = new AverageRate();
  readonly #out = new AverageRate();
  readonly #sendSeconds = new AverageRate();
  #hasSent = false;
  /** On the clock of `performance.now`. */
  #heldUntil = -Infinity;

  /** Counts samples that are to be sent. */
  received(samples: number): void {
    this.#in.add(samples);
  }

  /** Counts samples that are not to be sent. */
  dropped(samples: number): void {
    this.#dropped.add(samples);
  }

  /** Counts samples that have their final answer, and how long that took. */
  sent(samples: number, seconds: number): void {
    this.#hasSent = true;
    this.#out.add(samples);
    this.#sendSeconds.add(seconds);
  }

  /** Keeps the number for twice as long as a request waits to be sent again: more would not help a server that fails. */
  waiting(wait: Milliseconds, now: Milliseconds = performance.now()): void {
    this.#heldUntil = Math.max(this.#heldUntil, now + 2 * wait);
  }

  /** The number from now on. `delaySeconds` is how much later samples are sent than they come. */
  next(
    current: number,
    { min, max }: { readonly min: number; readonly max: number },
    delaySeconds: number,
    now: Milliseconds = performance.now(),
  ): number {
    for (const rate of [this.#in, this.#dropped, this.#out, this.#sendSeconds]) rate.tick();
    const isIdle = !this.#hasSent;
    this.#hasSent = false;
    const limited = (count: number): number => Math.max(1, min, Math.min(count, max));
    const out = this.#out.perSecond;
    if (isIdle || out <= 0) return limited(current);
    const kept = out / (this.#dropped.perSecond + out);
    const wanted = this.#in.perSecond * kept;
    const backlog = 0.05 * Math.max(0, delaySeconds) * wanted;
    this.desired = (this.#sendSeconds.perSecond / out) * (wanted + backlog);
    const count = Math.ceil(this.desired);
    const isClose = this.desired >= current * (1 - tolerance) && count <= current * (1 + tolerance);
    if (isClose || now < this.#heldUntil || (count < current && delaySeconds > maxDelaySeconds))
      return limited(current);
    return limited(count);
  }
}
