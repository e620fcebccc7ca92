import type { Tap } from '../../flow/tap.ts';
import type { Signal } from '../../model/signal.ts';
import type { Node } from '../../runtime/node.ts';
import type { RecordBuffer } from './record-buffer.ts';

/** Watches all that goes into a component and comes out of it. */
export class NodeWatch {
  readonly #buffer: RecordBuffer;
  #watched = new Map<Tap<unknown>, () => void>();
  #lastOut: unknown;

  constructor(buffer: RecordBuffer) {
    this.#buffer = buffer;
  }

  /** Watches the inputs and outputs that the node has now, and no others. */
  follow(node: Node): void {
    const watched = new Map<Tap<unknown>, () => void>();
    const keep = (tap: Tap<unknown>, watcher: (batch: unknown) => void): void => {
      watched.set(tap, this.#watched.get(tap) ?? tap.watch(watcher));
      this.#watched.delete(tap);
    };
    for (const { tap, signal } of node.ports?.() ?? []) keep(tap, (batch) => this.#add('[IN]: ', signal, batch));
    for (const { tap, to } of node.edges?.() ?? []) keep(tap, (batch) => this.#addOut(to.signal, batch));
    this.stop();
    this.#watched = watched;
  }

  stop(): void {
    for (const unwatch of this.#watched.values()) unwatch();
    this.#watched.clear();
    this.#lastOut = undefined;
  }

  /** A batch that goes to several components is shown once. */
  #addOut(signal: Signal<unknown>, batch: unknown): void {
    if (batch === this.#lastOut) return;
    this.#lastOut = batch;
    this.#add('[OUT]: ', signal, batch);
  }

  #add(prefix: string, signal: Signal<unknown>, batch: unknown): void {
    this.#buffer.add(prefix, signal.describe(batch), signal.count(batch));
  }
}
