import type { Milliseconds } from '../../../base/duration.ts';
import { waitUntil } from '../../../base/wait-until.ts';
import { DeliveryError, offer, Tracking, type Consumer, type Delivery, type Settle } from '../../../flow/delivery.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import type { Cursor } from './cursor.ts';
import type { Step } from './stage.ts';

/** Takes back what a stage did with a batch. */
type Undo = (error: DeliveryError) => void;

/** An entry that a stage puts on now, and that is made of what it kept before. */
interface Origin {
  readonly holds: readonly Settle[];
  /** Counts who waits for the entry; only there if a later stage keeps it. */
  tracking: Tracking | undefined;
}

/** What stages want to happen with one batch. */
interface Passing {
  readonly delivery: Delivery;
  readonly carried: Settle[];
  readonly undo: Undo[];
  readonly acceptances: (() => void)[];
  readonly closings: (() => void)[];
  dueAt: Milliseconds;
}

/**
 * The batch that goes through a pipeline right now, for stages that do more than change entries. What they keep of it is
 * acknowledged when it has been sent on and delivered, not before. Where what is sent is refused, the batch may come
 * again: what stages did with it is undone, and what they do only once never happened.
 */
export class Passage {
  readonly #ended: AbortSignal;
  #passing: Passing | undefined;
  #number = 0;
  #startedAt: Milliseconds = 0;
  #origin: Origin | undefined;
  /** The batches that are neither accepted nor refused yet. */
  readonly #pending = new Set<number>();

  /** Nothing waits any more when the signal has aborted. */
  constructor(ended: AbortSignal) {
    this.#ended = ended;
  }

  /** Tells batches apart. */
  get number(): number {
    return this.#number;
  }

  /** When the batch came, on the clock of `performance.now`. */
  get startedAt(): Milliseconds {
    return this.#startedAt;
  }

  /** Whether a batch may still be refused, and come again. */
  isPending(batch: number): boolean {
    return this.#pending.has(batch);
  }

  begin(delivery: Delivery): void {
    this.#passing = { delivery, carried: [], undo: [], acceptances: [], closings: [], dueAt: 0 };
    this.#number++;
    this.#startedAt = performance.now();
    this.#origin = undefined;
  }

  /** Keeps the batch from being acknowledged until what is returned was called. */
  hold(): Settle {
    const { delivery, undo } = this.#current();
    const settle = delivery.hold();
    undo.push(settle);
    return settle;
  }

  /**
   * For a stage that keeps the current entry, in addition to a hold on the batch. Where an earlier stage made the entry
   * of what it had kept, that must not be acknowledged until what is returned was called.
   */
  holdOrigin(): Settle | undefined {
    const origin = this.#origin;
    if (origin === undefined) return undefined;
    origin.tracking ??= new Tracking(this.#current().delivery.signal, (error) => settleAll(origin.holds, error));
    return origin.tracking.hold();
  }

  /**
   * Puts on the entry under the cursor, which is made of what was held. The holds are settled once it is delivered or
   * lost, wherever that happens; not if the batch is refused.
   */
  putOn(cursor: Cursor, next: Step, holds: readonly Settle[]): void {
    const outer = this.#origin;
    if (holds.length === 0 && outer === undefined) {
      next(cursor);
      return;
    }
    const { carried } = this.#current();
    const origin: Origin = { holds, tracking: undefined };
    this.#origin = origin;
    next(cursor);
    this.#origin = outer;
    const { tracking } = origin;
    if (tracking === undefined) for (const settle of holds) carried.push(settle);
    else carried.push((error) => tracking.settle(error));
  }

  /** Calls a function if the batch is refused. What was done last is undone first. */
  onRefusal(undo: Undo): void {
    this.#current().undo.push(undo);
  }

  /** Calls a function once the batch is accepted: for what must not happen again when a refused batch comes again. */
  onAcceptance(apply: () => void): void {
    this.#current().acceptances.push(apply);
  }

  /** Calls a function when all entries are through, before what came of them is sent on. */
  onClosing(close: () => void): void {
    this.#current().closings.push(close);
  }

  /** Keeps the batch from being sent on before a time, on the clock of `performance.now`. */
  delayUntil(time: Milliseconds): void {
    const passing = this.#current();
    passing.dueAt = Math.max(passing.dueAt, time);
  }

  /** Ends the passage with what came out of it, which is sent on. */
  sendOn(out: LogBatch | undefined, next: Consumer<LogBatch>): Promise<void> | void {
    for (const close of this.#current().closings) close();
    const passing = this.#end();
    // What is left when the pipeline has ended goes on at once rather than not at all.
    const isDelayed = passing.dueAt > this.#startedAt && !this.#ended.aborted;
    const accepted = isDelayed ? this.#sendLater(passing, out, next) : send(passing, out, next);
    if (accepted === undefined) return undefined;
    const number = this.#number;
    this.#pending.add(number);
    return accepted.finally(() => this.#pending.delete(number));
  }

  /** Ends the passage of a batch that a stage could not handle. */
  fail(thrown: unknown): void {
    undoAll(this.#end().undo, DeliveryError.from(thrown));
  }

  async #sendLater(passing: Passing, out: LogBatch | undefined, next: Consumer<LogBatch>): Promise<void> {
    const { delivery, dueAt, undo } = passing;
    if (!(await waitUntil(dueAt, delivery.signal, this.#ended))) {
      const message = delivery.signal.aborted ? 'the sender gave up' : 'the pipeline has ended';
      const error = new DeliveryError(message, { retryable: true });
      undoAll(undo, error);
      throw error;
    }
    await send(passing, out, next);
  }

  #current(): Passing {
    if (this.#passing === undefined) throw new TypeError('no batch goes through');
    return this.#passing;
  }

  #end(): Passing {
    const passing = this.#current();
    this.#passing = undefined;
    return passing;
  }
}

function send(passing: Passing, out: LogBatch | undefined, next: Consumer<LogBatch>): Promise<void> | void {
  const { delivery, carried, undo, acceptances } = passing;
  if (out === undefined) {
    for (const apply of acceptances) apply();
    settleAll(carried, undefined);
    return undefined;
  }
  if (carried.length === 0 && undo.length === 0 && acceptances.length === 0) return next.consume(out, delivery);

  let isRefused = false;
  const settle = delivery.hold();
  const tracking = new Tracking(delivery.signal, (error) => {
    if (!isRefused) settleAll(carried, error);
    settle(error);
  });
  const accepted = offer(next, out, tracking);
  if (accepted === undefined) {
    for (const apply of acceptances) apply();
    tracking.settle();
    return undefined;
  }
  return accepted.then(
    () => {
      for (const apply of acceptances) apply();
      tracking.settle();
    },
    (error: DeliveryError) => {
      isRefused = true;
      undoAll(undo, error);
      tracking.settle(error);
      throw error;
    },
  );
}

function settleAll(settles: readonly Settle[], error: DeliveryError | undefined): void {
  for (const settle of settles) settle(error);
}

function undoAll(undo: readonly Undo[], error: DeliveryError): void {
  for (const takeBack of undo.toReversed()) takeBack(error);
}
