import { longestTimeout, type Milliseconds } from '../../base/duration.ts';
import { GrpcError, grpcCodes } from './grpc-status.ts';

/**
 * The limits that each signal ends. A signal that lives long gets one listener: those that come and go with calls are in
 * a list that keeps what has gone from being collected, and all that it leads to, until it grows old.
 */
const limitsBySignal = new WeakMap<AbortSignal, Set<CallLimit>>();

function limitsOf(signal: AbortSignal): Set<CallLimit> {
  const known = limitsBySignal.get(signal);
  if (known !== undefined) return known;
  const limits = new Set<CallLimit>();
  limitsBySignal.set(signal, limits);
  signal.addEventListener('abort', () => {
    for (const limit of limits) limit.cancel();
  });
  return limits;
}

/** Ends a call when its time is over or nobody wants it any more. Costs less than a signal made for each call. */
export class CallLimit {
  /** Why the call has ended; undefined while it may go on. */
  reason: GrpcError | undefined;
  readonly #end: Milliseconds;
  readonly #others: Set<CallLimit>;
  readonly #timer: NodeJS.Timeout;
  #reached: ((reason: GrpcError) => void) | undefined;

  constructor(timeout: Milliseconds, signal: AbortSignal) {
    this.#end = performance.now() + timeout;
    this.#others = limitsOf(signal);
    this.#others.add(this);
    const over = (): void => this.#reach(grpcCodes.deadlineExceeded, `no answer in ${timeout / 1000} s`);
    this.#timer = setTimeout(over, Math.min(timeout, longestTimeout));
    if (signal.aborted) this.cancel();
  }

  /** How much time is left. */
  get rest(): Milliseconds {
    return this.#end - performance.now();
  }

  throwIfReached(): void {
    if (this.reason !== undefined) throw this.reason;
  }

  /** Calls a function when the limit is reached, at once if it is; one at a time, and none for undefined. */
  watch(reached: ((reason: GrpcError) => void) | undefined): void {
    this.#reached = reached;
    if (this.reason !== undefined) reached?.(this.reason);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#others.delete(this);
  }

  cancel(): void {
    this.#reach(grpcCodes.cancelled, 'the call was given up');
  }

  #reach(code: GrpcError['code'], message: string): void {
    if (this.reason !== undefined) return;
    this.reason = new GrpcError(code, message);
    this.#reached?.(this.reason);
  }
}
