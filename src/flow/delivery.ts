import { messageOf } from '../base/message-of.ts';
import type { Milliseconds } from '../base/duration.ts';

/**
 * Where batches go. One method carries data, backpressure and the answer.
 *
 * - The batch is immutable and may be kept; that of OTLP until it is delivered.
 * - `consume` returns, or settles, when the next batch may come: the batch is *accepted*. A consumer that passes
 *   batches on settles when the next consumer has settled.
 * - It rejects with a DeliveryError if it *refuses* the batch; it must not have kept any part of it then, as far as it
 *   can tell, since the sender may send all of it again.
 * - A consumer that keeps something of the batch beyond that calls `delivery.hold()` before it settles, and the function
 *   it got once that part is delivered, or dropped and counted. Only when all holds are settled is the batch *delivered*.
 */
export interface Consumer<B> {
  consume(batch: B, delivery: Delivery): Promise<void> | void;
}

/** The acknowledgement of one batch on its way. */
export interface Delivery {
  /** Aborts when the sender gives up; what is held may still be delivered. */
  readonly signal: AbortSignal;
  /** Postpones the acknowledgement until the returned function was called once. */
  hold(): Settle;
}

/** Ends a hold: without an error the part was delivered, or dropped and counted as such. */
export type Settle = (error?: DeliveryError) => void;

/** A batch could not be delivered. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** Whether the same batch may be accepted later. */
  readonly isRetryable: boolean;
  /** How long the peer asked to wait before. */
  readonly retryAfter: Milliseconds | undefined;

  constructor(
    message: string,
    options: { retryable: boolean; retryAfter?: Milliseconds | undefined; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.isRetryable = options.retryable;
    this.retryAfter = options.retryAfter;
  }

  /** What was thrown, as a DeliveryError. Anything else that is thrown is a bug, and trying again will not help. */
  static from(thrown: unknown): DeliveryError {
    if (thrown instanceof DeliveryError) return thrown;
    const message = messageOf(thrown);
    return new DeliveryError(message, { retryable: false, cause: thrown });
  }
}

/** Counts the holds of one batch and tells once when the last is settled; the first error wins. */
export class Tracking implements Delivery {
  readonly signal: AbortSignal;
  readonly #done: Settle;
  #open = 1;
  #error: DeliveryError | undefined;

  /** The tracking itself counts as one hold, until `settle` was called. */
  constructor(signal: AbortSignal, done: Settle) {
    this.signal = signal;
    this.#done = done;
  }

  hold(): Settle {
    this.#open++;
    let isOpen = true;
    return (error) => {
      if (!isOpen) return;
      isOpen = false;
      this.settle(error);
    };
  }

  settle(error?: DeliveryError): void {
    this.#error ??= error;
    if (--this.#open === 0) this.#done(this.#error);
  }
}

/** Calls a consumer so that a throw becomes a rejection with a DeliveryError. */
export function offer<B>(to: Consumer<B>, batch: B, delivery: Delivery): Promise<void> | void {
  try {
    return to.consume(batch, delivery)?.catch((thrown: unknown) => {
      throw DeliveryError.from(thrown);
    });
  } catch (thrown) {
    return Promise.reject(DeliveryError.from(thrown));
  }
}

/**
 * Sends a batch. The result settles when it is accepted or refused; `delivered` is called exactly once, when all of it
 * was delivered or when it was refused or lost, then with the error.
 */
export function deliver<B>(to: Consumer<B>, batch: B, signal: AbortSignal, delivered: Settle): Promise<void> | void {
  const tracking = new Tracking(signal, delivered);
  const accepted = offer(to, batch, tracking);
  if (accepted === undefined) {
    tracking.settle();
    return undefined;
  }
  return accepted.then(
    () => tracking.settle(),
    (error: DeliveryError) => {
      tracking.settle(error);
      throw error;
    },
  );
}

/** The two answers to a batch. */
export interface Sent {
  readonly accepted: Promise<void>;
  readonly delivered: Promise<void>;
}

/** As `deliver`, with promises for both answers. */
export function send<B>(to: Consumer<B>, batch: B, signal: AbortSignal): Sent {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // A sender that only looks at `accepted` has seen the error there.
  promise.catch(() => undefined);
  const accepted = deliver(to, batch, signal, (error) => (error === undefined ? resolve() : reject(error)));
  return { accepted: Promise.resolve(accepted), delivered: promise };
}
