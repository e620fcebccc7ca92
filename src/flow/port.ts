import type { Signal } from '../model/signal.ts';
import { DeliveryError, type Consumer, type Delivery } from './delivery.ts';
import { Tap } from './tap.ts';

/**
 * The input of a component as others refer to it: `loki.write.main.receiver`. It outlives the instances of the component;
 * on a reload the target is swapped and nobody upstream notices.
 */
export class Port<B> implements Consumer<B> {
  /** The ID of the node that owns it. */
  readonly owner: string;
  /** The name of the export. */
  readonly field: string;
  readonly signal: Signal<B>;
  readonly tap = new Tap<B>();
  /** The consumer of the running instance; without one, batches are refused for now. */
  target: Consumer<B> | undefined;

  constructor(owner: string, field: string, signal: Signal<B>) {
    this.owner = owner;
    this.field = field;
    this.signal = signal;
  }

  get id(): string {
    return `${this.owner}.${this.field}`;
  }

  consume(batch: B, delivery: Delivery): Promise<void> | void {
    if (this.target === undefined) throw new DeliveryError(`${this.owner} is not running`, { retryable: true });
    if (this.tap.isActive) this.tap.publish(batch);
    return this.target.consume(batch, delivery);
  }
}
