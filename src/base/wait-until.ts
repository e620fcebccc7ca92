import { Doorbell } from './doorbell.ts';
import type { Milliseconds } from './duration.ts';

/** Waits until a time on the clock of `performance.now`. False, and at once, if one of the signals aborts before. */
export async function waitUntil(time: Milliseconds, ...signals: readonly AbortSignal[]): Promise<boolean> {
  const isAborted = (): boolean => signals.some((signal) => signal.aborted);
  const bell = new Doorbell();
  const ring = (): void => bell.ring();
  for (const signal of signals) signal.addEventListener('abort', ring);
  // Timers may be early by a part of a millisecond, and cannot wait for months.
  for (let rest = time - performance.now(); rest > 0 && !isAborted(); rest = time - performance.now())
    await bell.wait(rest);
  for (const signal of signals) signal.removeEventListener('abort', ring);
  return !isAborted();
}
