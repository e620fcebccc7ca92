import { formatRfc3339Nano } from '../../../base/rfc3339.ts';
import type { Milliseconds } from '../../../base/duration.ts';
import type { DropReason } from './metrics.ts';

/** Entries that were dropped together, for a person to see why. */
export interface Rejection {
  readonly time: string;
  readonly endpoint: string;
  readonly tenant: string;
  readonly reason: DropReason;
  readonly entries: number;
  /** The stream of the first of them; empty if it is not known. */
  readonly labels: string;
  /** What the server said. */
  readonly error: string;
}

const maxKept = 10;

/** The last rejections of a component, newest first. */
export class Rejections {
  #kept: readonly Rejection[] = [];

  get latest(): readonly Rejection[] {
    return this.#kept;
  }

  add(rejection: Omit<Rejection, 'time'>): void {
    const now = Date.now();
    const time = formatRfc3339Nano(Math.floor(now / 1000), (now % 1000) * 1_000_000);
    this.#kept = [{ time, ...rejection }, ...this.#kept].slice(0, maxKept);
  }
}

const maxRejectedStreams = 16;
const forgetAfter: Milliseconds = 60_000;

/** Streams of which a server took no entry lately, so that the search for what is wrong need not be repeated. */
export class RejectedStreams {
  readonly #since = new Map<string, Milliseconds>();

  has(labels: string): boolean {
    const since = this.#since.get(labels);
    return since !== undefined && performance.now() - since < forgetAfter;
  }

  add(labels: string): void {
    this.#since.delete(labels);
    this.#since.set(labels, performance.now());
    const [oldest] = this.#since.keys();
    if (this.#since.size > maxRejectedStreams && oldest !== undefined) this.#since.delete(oldest);
  }

  delete(labels: string): void {
    this.#since.delete(labels);
  }
}

const burst = 64;
const perSecond = 8;

/** How many more parts a server may be asked about: so many at once, and then so many a second. */
export class SplitAllowance {
  #left = burst;
  #at = performance.now();

  take(): boolean {
    const now = performance.now();
    this.#left = Math.min(burst, this.#left + ((now - this.#at) / 1000) * perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
