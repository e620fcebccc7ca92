import { longestTimeout, type Milliseconds } from '../../../base/duration.ts';

/** The time, which tests may make go as they want. */
export interface ScrapeClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Waits; false, and at once, if the signal aborts before. */
  sleep(time: Milliseconds, signal: AbortSignal): Promise<boolean>;
}

export const wallClock: ScrapeClock = {
  now: () => Date.now(),
  sleep(time, signal) {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const aborted = (): void => {
        clearTimeout(timer);
        resolve(false);
      };
      const timer = setTimeout(
        () => {
          signal.removeEventListener('abort', aborted);
          resolve(true);
        },
        Math.min(Math.max(0, time), longestTimeout),
      );
      signal.addEventListener('abort', aborted, { once: true });
    });
  },
};

/** The first moment from a time on that is as far behind a multiple of the interval as a target has it. */
export function firstTick(from: number, interval: Milliseconds, offset: Milliseconds): number {
  const tick = Math.floor(from / interval) * interval + offset;
  return tick >= from ? tick : tick + interval;
}

/** Scrapes are due at multiples of this, where intervals allow it: what is done together costs less than one by one. */
const grid: Milliseconds = 100;

/** What a target is behind the multiples of its interval: spread by a hash, and another for each seed. */
export function offsetOf(key: string, seed: string, interval: Milliseconds): Milliseconds {
  let hash = 0x811c9dc5;
  for (const text of [seed, key])
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
  hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
  const offset = ((hash ^ (hash >>> 15)) >>> 0) % interval;
  return interval < 10 * grid ? offset : offset - (offset % grid);
}

/** The timestamp of a scrape: the moment it was meant for if it is hardly later. */
export function scrapeTimestamp(now: number, tick: number, interval: Milliseconds): number {
  return Math.abs(now - tick) <= Math.min(interval / 100, 2) ? tick : now;
}
