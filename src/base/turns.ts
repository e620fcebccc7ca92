/** Work that takes turns with everything else of the process if it is to: it can pause at each `yield`. */
export type Turns<T> = Generator<void, T, void>;

/** Work goes on for so many milliseconds before others have their turn. */
const turnTime = 10;

/** Lets everything else that waits have its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Does work without a pause. */
export function atOnce<T>(work: Turns<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** Does work in turns with others. Rejects with the reason of the signal when that aborts; the work ends then. */
export async function inTurns<T>(work: Turns<T>, signal: AbortSignal): Promise<T> {
  let begun = performance.now();
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (performance.now() - begun < turnTime) continue;
    await nextTurn();
    signal.throwIfAborted();
    begun = performance.now();
  }
}
