import { longestTimeout, type Milliseconds } from '../base/duration.ts';
import { deliver, DeliveryError, type Consumer } from './delivery.ts';

/** How long the sender of one batch waits. */
export interface Patience {
  /** Aborts when the sender has gone. */
  readonly signal: AbortSignal;
  /** Infinity for any time. */
  readonly timeout: Milliseconds;
}

interface Waiting {
  isAccepted: boolean;
  giveUp(why: string): void;
}

/**
 * Sends batches whose senders wait until they are delivered, such as clients of a server that must not answer before. A
 * batch that is given up may still be delivered, so that its sender, who sends it again, makes a copy of it.
 */
export class AwaitedDeliveries<B> {
  readonly #waiting = new Set<Waiting>();
  #isStopped = false;

  /** Batches whose senders wait. */
  get count(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves when the batch is delivered, without an error, or lost or given up, with one. `settled` is called once when
   * nothing downstream holds the batch any more, which can be later.
   */
  async send(
    to: Consumer<B>,
    batch: B,
    { signal, timeout }: Patience,
    settled: () => void,
  ): Promise<DeliveryError | undefined> {
    if (this.#isStopped) {
      settled();
      return new DeliveryError('the component is stopping', { retryable: true });
    }
    const { promise, resolve } = Promise.withResolvers<DeliveryError | undefined>();
    const abort = new AbortController();
    const waiting: Waiting = {
      isAccepted: false,
      giveUp(why) {
        resolve(new DeliveryError(why, { retryable: true }));
        abort.abort();
      },
    };
    const gone = (): void => waiting.giveUp('the sender has gone');
    signal.addEventListener('abort', gone);
    const late = (): void => waiting.giveUp('entries were not delivered in time');
    const timer = timeout === Infinity ? undefined : setTimeout(late, Math.min(timeout, longestTimeout));
    this.#waiting.add(waiting);

    const accepted = deliver(to, batch, abort.signal, (error) => {
      settled();
      resolve(error);
    });
    const isAccepted = (): void => void (waiting.isAccepted = true);
    // What is refused is told to the function above, too.
    if (accepted === undefined) isAccepted();
    else accepted.then(isAccepted, () => undefined);
    if (signal.aborted) gone();

    const error = await promise;
    clearTimeout(timer);
    signal.removeEventListener('abort', gone);
    this.#waiting.delete(waiting);
    return error;
  }

  /** Takes no more batches, and gives up those that were not accepted yet. The others may still be delivered. */
  stop(): void {
    this.#isStopped = true;
    for (const waiting of this.#waiting) if (!waiting.isAccepted) waiting.giveUp('the component is stopping');
  }

  /** Gives up all that are left, when no answer can come any more. */
  abandon(): void {
    for (const waiting of this.#waiting) waiting.giveUp('the component has stopped');
  }
}
