import { longestTimeout, type Milliseconds } from './duration.ts';

/** Waits for a time, or until the signal aborts. */
export async function sleep(duration: Milliseconds, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = (): void => resolve();
  signal.addEventListener('abort', wake, { once: true });
  const timer = setTimeout(wake, Math.min(duration, longestTimeout));
  await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', wake);
}
