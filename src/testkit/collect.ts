import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '../base/duration.ts';
import { DeliveryError, type Consumer, type Settle } from '../flow/delivery.ts';
import type { Signal } from '../model/signal.ts';

export interface Collector<B> extends Consumer<B> {
  /** The batches that came, in their order. */
  readonly batches: readonly B[];
  /** The number of items in them. */
  readonly count: number;
  /** One text for each item, as live debugging shows them. */
  readonly texts: string[];
}

/** Accepts and delivers everything at once. */
export function collect<B>(signal: Signal<B>): Collector<B> {
  const batches: B[] = [];
  return {
    batches,
    get count() {
      return batches.reduce((count, batch) => count + signal.count(batch), 0);
    },
    get texts() {
      return batches.flatMap((batch) => [...signal.describe(batch)]);
    },
    consume: (batch) => void batches.push(keptForever(batch)),
  };
}

/** The memory of OTLP may be used again when it was delivered. */
function keptForever<B>(batch: B): B {
  if (typeof batch !== 'object' || batch === null || !('chunks' in batch)) return batch;
  return { ...batch, chunks: (batch.chunks as readonly Buffer[]).map((chunk) => Buffer.from(chunk)) };
}

/** Refuses everything. */
export function refuse<B>(error: DeliveryError): Consumer<B> {
  return {
    consume() {
      throw error;
    },
  };
}

/** Passes batches on after a time, and refuses those whose sender gives up before. */
export function slow<B>(time: Milliseconds, to: Consumer<B>): Consumer<B> {
  return {
    async consume(batch, delivery) {
      try {
        await sleep(time, undefined, { signal: delivery.signal });
      } catch {
        throw new DeliveryError('the sender gave up', { retryable: true });
      }
      await to.consume(batch, delivery);
    },
  };
}

export interface HoldBack<B> extends Consumer<B> {
  /** The batches that came, in their order. */
  readonly batches: readonly B[];
  /** How many of them are neither delivered nor lost. */
  readonly held: number;
  /** Delivers the batch that waits the longest, or loses it with an error. */
  deliver(error?: DeliveryError): void;
  /** The same for all that wait. */
  deliverAll(error?: DeliveryError): void;
}

/** Accepts everything at once, but delivers it only when told to. */
export function holdBack<B>(): HoldBack<B> {
  const batches: B[] = [];
  const holds: Settle[] = [];
  return {
    batches,
    get held() {
      return holds.length;
    },
    consume(batch, delivery) {
      batches.push(batch);
      holds.push(delivery.hold());
    },
    deliver: (error) => holds.shift()?.(error),
    deliverAll(error) {
      for (const settle of holds.splice(0)) settle(error);
    },
  };
}
