import type { Milliseconds } from '../../../base/duration.ts';
import { OtlpSplitter } from '../../../formats/otlp/splitter.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import type { BatchArgs } from './fields.ts';
import { sizeBy, type QueuedRequest } from './request-queue.ts';
import type { GivenUp } from './sender.ts';

/** A part of a request in the batch that is being filled. */
interface Part {
  readonly batch: OtlpBatch;
  readonly origin: Origin;
}

/** A request that is in one or more batches. It is done when they all are. */
class Origin {
  readonly #request: QueuedRequest;
  /** Batches with parts of it, and one for the batcher until it has seen all of it. */
  #open = 1;
  #failure: GivenUp | undefined;

  constructor(request: QueuedRequest) {
    this.#request = request;
  }

  opened(): void {
    this.#open++;
  }

  done(failure: GivenUp | undefined): void {
    // What is to be sent by the next run outweighs what was dropped for good.
    if (this.#failure === undefined || failure?.reason === 'shutdown') this.#failure = failure ?? this.#failure;
    if (--this.#open === 0) this.#request.done(this.#failure);
  }
}

/** Joins requests of one kind until they have a size, and cuts those that are too large. */
export class Batcher {
  #args: BatchArgs;
  /** Is told how many items were each too large for a batch, and dropped. */
  readonly #tooLarge: (items: number) => GivenUp;
  #parts: Part[] = [];
  #size = 0;
  #openedAt = 0;

  constructor(args: BatchArgs, tooLarge: (items: number) => GivenUp) {
    this.#args = args;
    this.#tooLarge = tooLarge;
  }

  /** From the next request on. */
  change(args: BatchArgs): void {
    this.#args = args;
    this.#size = this.#parts.reduce((sum, { batch }) => sum + sizeBy(args.sizer, batch), 0);
  }

  /** When the batch that is being filled must be sent, on the clock of `performance.now`; undefined if there is none. */
  get due(): Milliseconds | undefined {
    return this.#parts.length === 0 ? undefined : this.#openedAt + this.#args.flush_timeout;
  }

  /** Takes a request in; returns the batches that are complete. */
  add(request: QueuedRequest): readonly QueuedRequest[] {
    const { batch } = request;
    const origin = new Origin(request);
    const complete: QueuedRequest[] = [];
    if (sizeBy(this.#args.sizer, batch) <= this.#room) this.#push(batch, origin);
    else this.#divide(batch, origin, complete);
    if (this.#size >= this.#args.min_size) complete.push(...this.flush());
    origin.done(undefined);
    return complete;
  }

  /** The batch that is being filled, if there is one. */
  flush(): readonly QueuedRequest[] {
    const parts = this.#parts;
    if (parts.length === 0) return [];
    this.#parts = [];
    this.#size = 0;
    const done = (failure: GivenUp | undefined): void => {
      for (const { origin } of parts) origin.done(failure);
    };
    return [{ batch: joined(parts.map(({ batch }) => batch)), done }];
  }

  get #room(): number {
    return this.#args.max_size === 0 ? Infinity : this.#args.max_size - this.#size;
  }

  #push(batch: OtlpBatch, origin: Origin): void {
    if (this.#parts.length === 0) this.#openedAt = performance.now();
    origin.opened();
    this.#parts.push({ batch, origin });
    this.#size += sizeBy(this.#args.sizer, batch);
  }

  /** Fills batches with a request that is too large for one. */
  #divide(batch: OtlpBatch, origin: Origin, complete: QueuedRequest[]): void {
    const splitter = new OtlpSplitter(batch, this.#args.sizer);
    let tooLarge = 0;
    while (splitter.left > 0) {
      const part = splitter.take(this.#room);
      if (part !== undefined && part.count > 0) this.#push(part, origin);
      // Not even one item fits into what is left of this batch, or into an empty one.
      if (part === undefined && this.#parts.length === 0) tooLarge += splitter.skip();
      else if (splitter.left > 0) complete.push(...this.flush());
    }
    if (tooLarge === 0) return;
    origin.opened();
    origin.done(this.#tooLarge(tooLarge));
  }
}

function joined(batches: readonly OtlpBatch[]): OtlpBatch {
  const [first] = batches;
  if (first === undefined) throw new Error('there is nothing to join');
  if (batches.length === 1) return first;
  return {
    kind: first.kind,
    chunks: batches.flatMap(({ chunks }) => chunks),
    count: batches.reduce((sum, { count }) => sum + count, 0),
    client: batches.every(({ client }) => client === first.client) ? first.client : undefined,
  };
}
