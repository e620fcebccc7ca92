import { DeliveryError, offer, Tracking, type Consumer, type Delivery, type Settle } from '../../../flow/delivery.ts';
import type { LogBatch } from '../../../model/log-batch.ts';

/** Takes back what a stage did with a batch. */
type Undo = (error: DeliveryError) => void;

/**
 * The batch that goes through a pipeline right now, for stages that keep part of it until later. What they keep is
 * acknowledged when it has been sent on and delivered, not before. Where what is sent is refused, the batch may come
 * again: what stages did with it is undone.
 */
export class Passage {
  #delivery: Delivery | undefined;
  #number = 0;
  #carried: Settle[] = [];
  #undo: Undo[] = [];

  /** Tells batches apart. */
  get number(): number {
    return this.#number;
  }

  begin(delivery: Delivery): void {
    this.#delivery = delivery;
    this.#number++;
    this.#carried = [];
    this.#undo = [];
  }

  /** Postpones the acknowledgement of the batch. */
  hold(): Settle {
    if (this.#delivery === undefined) throw new TypeError('no batch goes through');
    const settle = this.#delivery.hold();
    this.#undo.push(settle);
    return settle;
  }

  /** Settles earlier holds once what is sent with this batch is delivered or lost; not if it is refused. */
  carry(settles: readonly Settle[]): void {
    for (const settle of settles) this.#carried.push(settle);
  }

  /** Calls a function if the batch is refused. What was done last is undone first. */
  onRefusal(undo: Undo): void {
    this.#undo.push(undo);
  }

  /** Ends the passage with what came out of it, which is sent on. */
  sendOn(out: LogBatch | undefined, next: Consumer<LogBatch>): Promise<void> | void {
    const { delivery, carried, undo } = this.#end();
    if (out === undefined) {
      for (const settle of carried) settle();
      return undefined;
    }
    if (carried.length === 0 && undo.length === 0) return next.consume(out, delivery);

    let isRefused = false;
    const settle = delivery.hold();
    const tracking = new Tracking(delivery.signal, (error) => {
      if (!isRefused) for (const settleCarried of carried) settleCarried(error);
      settle(error);
    });
    const accepted = offer(next, out, tracking);
    if (accepted === undefined) {
      tracking.settle();
      return undefined;
    }
    return accepted.then(
      () => tracking.settle(),
      (error: DeliveryError) => {
        isRefused = true;
        undoAll(undo, error);
        tracking.settle(error);
        throw error;
      },
    );
  }

  /** Ends the passage of a batch that a stage could not handle. */
  fail(thrown: unknown): void {
    undoAll(this.#end().undo, DeliveryError.from(thrown));
  }

  #end(): { readonly delivery: Delivery; readonly carried: readonly Settle[]; readonly undo: readonly Undo[] } {
    if (this.#delivery === undefined) throw new TypeError('no batch goes through');
    const passed = { delivery: this.#delivery, carried: this.#carried, undo: this.#undo };
    this.#delivery = undefined;
    return passed;
  }
}

function undoAll(undo: readonly Undo[], error: DeliveryError): void {
  for (const takeBack of undo.toReversed()) takeBack(error);
}
