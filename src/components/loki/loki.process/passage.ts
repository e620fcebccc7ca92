import type { Delivery, Settle } from '../../../flow/delivery.ts';

/**
 * The batch that goes through a pipeline right now, for stages that keep part of it until later. What they keep is
 * acknowledged when it has been sent on and delivered, not before.
 */
export class Passage {
  #delivery: Delivery | undefined;
  #carried: Settle[] = [];
  #undo: (() => void)[] = [];

  begin(delivery: Delivery): void {
    this.#delivery = delivery;
    this.#carried = [];
    this.#undo = [];
  }

  /** Postpones the acknowledgement of the batch. `undo` gives up what is kept, if the batch is refused in the end. */
  hold(undo: () => void): Settle {
    if (this.#delivery === undefined) throw new TypeError('no batch goes through');
    this.#undo.push(undo);
    return this.#delivery.hold();
  }

  /** Settles an earlier hold once what is sent with this batch is delivered. */
  carry(settle: Settle): void {
    this.#carried.push(settle);
  }

  /** What is to be settled with what was sent, and undone if that is refused. */
  end(): { readonly carried: readonly Settle[]; readonly undo: readonly (() => void)[] } {
    const result = { carried: this.#carried, undo: this.#undo };
    this.#delivery = undefined;
    return result;
  }
}
