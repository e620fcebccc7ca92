import { receivedMemory } from '../../../base/reused-memory.ts';
import { deliver, DeliveryError } from '../../../flow/delivery.ts';
import type { OtlpBatch, OtlpKind } from '../../../model/otlp-batch.ts';
import { outputFor, type OtlpOutputs } from '../output-block.ts';
import { itemCounters, type OtlpReceiverMeters } from './metrics.ts';

export type Transport = 'grpc' | 'http';

/** Gives requests to what follows, and counts what became of them. */
export class Intake {
  readonly #receiver: string;
  readonly #meters: OtlpReceiverMeters;
  readonly #output: OtlpOutputs;
  #isStopped = false;

  constructor(id: string, output: OtlpOutputs, meters: OtlpReceiverMeters) {
    this.#receiver = `otlp/${id}`;
    this.#meters = meters;
    this.#output = output;
  }

  /** Refuses requests from now on, so that their clients send them elsewhere or later. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Whether batches of a kind go anywhere. */
  takes(kind: OtlpKind): boolean {
    return this.#output[kind] !== undefined;
  }

  /** Resolves when the batch is accepted, without an error, or refused, with one. An empty batch goes nowhere. */
  async take(batch: OtlpBatch, transport: Transport, signal: AbortSignal): Promise<DeliveryError | undefined> {
    if (batch.count === 0) return undefined;
    const error = this.#isStopped
      ? new DeliveryError('the receiver is stopping', { retryable: true })
      : await this.#offer(batch, signal);
    const counters = itemCounters(this.#meters, batch.kind);
    (error === undefined ? counters.accepted : counters.refused).with(this.#receiver, transport).inc(batch.count);
    return error;
  }

  async #offer(batch: OtlpBatch, signal: AbortSignal): Promise<DeliveryError | undefined> {
    try {
      // What becomes of an accepted batch is counted where it is lost; its sender has been answered by then.
      await deliver(outputFor(this.#output, batch.kind), batch, signal, () => giveBack(batch));
      return undefined;
    } catch (error) {
      return DeliveryError.from(error);
    }
  }
}

/** Nobody reads a batch any more that was delivered. */
function giveBack({ chunks }: OtlpBatch): void {
  for (const chunk of chunks) receivedMemory.give(chunk);
}
