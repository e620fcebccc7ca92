import type { Delivery } from '../../../flow/delivery.ts';
import { otlpSize, type OtlpBatch } from '../../../model/otlp-batch.ts';
import type { Sizer } from './fields.ts';
import type { GivenUp } from './sender.ts';

/** A request that is to be sent. */
export interface QueuedRequest {
  readonly batch: OtlpBatch;
  /** To be called once, when it was delivered, which is undefined, or given up. */
  done(failure: GivenUp | undefined): void;
}

/** What a queue takes, and what it does when it is full. */
export interface QueueLimits {
  readonly sizer: Sizer;
  readonly capacity: number;
  readonly blocksOnOverflow: boolean;
  /** Whether senders wait until what they gave was sent. */
  readonly waitsForResult: boolean;
}

/** Requests of one kind that wait to be sent. Its size counts those that were taken and are not done, too. */
export interface RequestQueue {
  /** Settles when the request is in the queue; rejects with a DeliveryError if it is refused. */
  offer(batch: OtlpBatch, delivery: Delivery): Promise<void> | void;
  /** The next request; waits for one. Undefined when no more come. */
  take(): Promise<QueuedRequest | undefined>;
  change(limits: QueueLimits): void;
  /** Takes no more in; `take` gives what is there. */
  finish(): void;
  /** The same before the program stops: what survives that is left where it is. */
  stop(): void;
  /** Lets go of what it owns, when everything that was taken is done. */
  close(): Promise<void>;
  /** Whether what was given up since there was no time is kept for the next run. */
  readonly isKept: boolean;
  readonly size: QueueSize;
}

/** The size of a request as `sizer` counts. */
export function sizeBy(sizer: Sizer, batch: OtlpBatch): number {
  if (sizer === 'requests') return 1;
  return sizer === 'items' ? batch.count : otlpSize(batch);
}

/** The size of all requests in a queue, however it is counted. */
export class QueueSize implements Readonly<Record<Sizer, number>> {
  requests = 0;
  items = 0;
  bytes = 0;

  /** Counts a request that is in the queue from now on, and with -1 not any more. */
  add(batch: OtlpBatch, sign: 1 | -1 = 1): void {
    this.requests += sign;
    this.items += sign * batch.count;
    this.bytes += sign * otlpSize(batch);
  }

  /** Whether a request has room. Anything has if there is nothing else, so that none waits forever. */
  fits(batch: OtlpBatch, { sizer, capacity }: QueueLimits): boolean {
    return this.requests === 0 || this[sizer] + sizeBy(sizer, batch) <= capacity;
  }
}
