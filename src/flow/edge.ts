import { DeliveryError, offer, Tracking, type Consumer, type Delivery } from './delivery.ts';
import type { Port } from './port.ts';
import { Tap } from './tap.ts';

/** What has passed an edge, in items of its signal. Every item offered is accepted or refused in the end. */
export interface EdgeCounts {
  offered: number;
  accepted: number;
  refused: number;
  /** Of the accepted ones: delivered to the end, or dropped there and counted with a reason. */
  delivered: number;
  /** Of the accepted ones: lost on the way, as the sender was told. */
  failed: number;
  batches: number;
  /** The sum over batches of the time from offer to delivery. */
  deliverySeconds: number;
}

/** The way from one component to the input of another: counts and shows what passes, so that components need not. */
export class Edge<B> implements Consumer<B> {
  /** The ID of the node that sends. */
  readonly from: string;
  readonly to: Port<B>;
  readonly tap = new Tap<B>();
  readonly counts: EdgeCounts = {
    offered: 0,
    accepted: 0,
    refused: 0,
    delivered: 0,
    failed: 0,
    batches: 0,
    deliverySeconds: 0,
  };

  constructor(from: string, to: Port<B>) {
    this.from = from;
    this.to = to;
  }

  consume(batch: B, delivery: Delivery): Promise<void> | void {
    const { counts } = this;
    const items = this.to.signal.count(batch);
    const start = performance.now();
    counts.batches++;
    counts.offered += items;
    if (this.tap.isActive) this.tap.publish(batch);

    let isRefused = false;
    const settle = delivery.hold();
    const tracking = new Tracking(delivery.signal, (error) => {
      if (!isRefused) {
        if (error === undefined) counts.delivered += items;
        else counts.failed += items;
        counts.deliverySeconds += (performance.now() - start) / 1000;
      }
      settle(error);
    });
    const accepted = offer(this.to, batch, tracking);
    if (accepted === undefined) {
      counts.accepted += items;
      tracking.settle();
      return undefined;
    }
    return accepted.then(
      () => {
        counts.accepted += items;
        tracking.settle();
      },
      (thrown: unknown) => {
        const error = DeliveryError.from(thrown);
        isRefused = true;
        counts.refused += items;
        tracking.settle(error);
        throw error;
      },
    );
  }
}
