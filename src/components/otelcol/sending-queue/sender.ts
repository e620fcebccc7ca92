import { formatDuration, type Milliseconds } from '../../../base/duration.ts';
import type { Log } from '../../../base/log.ts';
import { sleep } from '../../../base/sleep.ts';
import { DeliveryError } from '../../../flow/delivery.ts';
import type { OtlpBatch, OtlpKind } from '../../../model/otlp-batch.ts';
import { GrpcError, grpcCodes, type GrpcCode } from '../../../net/grpc/grpc-status.ts';
import type { RetryArgs } from './fields.ts';
import type { DropReason, ExporterMeters } from './metrics.ts';
import type { Delivered, SendFailure, SendResult, Transport } from './transport.ts';

/** A server that asks for more, as by a broken clock, must not stop everything. */
const longestRetryAfter: Milliseconds = 3_600_000;

/** Why a request was given up for good, or for this run of the program. */
export interface GivenUp extends SendFailure {
  readonly reason: DropReason;
}

export interface SenderContext {
  readonly meters: Readonly<Record<OtlpKind, ExporterMeters>>;
  readonly log: Log;
  random?(): number;
}

/** Sends requests of one component, each until it is delivered or given up. Any number at the same time. */
export class Sender {
  readonly #context: SenderContext;
  #transport: UsedTransport;
  #retry: RetryArgs;
  /** Aborts when waits make no sense any more, such as for a server that is another one now. */
  #changed = new AbortController();
  readonly #stopping = new AbortController();
  readonly #stopped = new AbortController();
  /** The last failure that was logged, so that what lasts is logged once. */
  #loggedFailure = '';
  /** The same of the last warning of a server that has taken a request. */
  #loggedPartial = '';
  #lastError = '';

  constructor(transport: Transport, retry: RetryArgs, context: SenderContext) {
    this.#transport = { transport, uses: 0 };
    this.#retry = retry;
    this.#context = context;
  }

  /** Why the last request was not delivered; empty if it was. */
  get lastError(): string {
    return this.#lastError;
  }

  /** Whether there is a place where requests of a kind go. */
  canSend(kind: OtlpKind): boolean {
    return this.#transport.transport.whereFor(kind) !== undefined;
  }

  /** Begins to connect. */
  connect(): void {
    this.#transport.transport.connect?.();
  }

  /** Goes on by another transport; what is under way ends as it is. What waits is tried again at once. */
  change(transport: Transport, retry: RetryArgs): void {
    const before = this.#transport;
    this.#transport = { transport, uses: 0 };
    this.#retry = retry;
    if (before.uses === 0) before.transport.close();
    this.#changed.abort();
    this.#changed = new AbortController();
  }

  /** What waits gets one last attempt, as does everything from now on. */
  stopRetries(): void {
    this.#stopping.abort();
  }

  /** Gives up what is being sent. Nothing can be sent any more. */
  stop(): void {
    this.#stopping.abort();
    this.#stopped.abort();
    this.#transport.transport.close();
  }

  /** Undefined if it was delivered. `gone` aborts if nobody wants that any more. */
  async send(batch: OtlpBatch, gone?: AbortSignal): Promise<GivenUp | undefined> {
    const meters = this.#context.meters[batch.kind];
    meters.inFlight(1);
    meters.batch(batch);
    try {
      const result = await this.#sendAgain(batch, gone);
      const where = this.#transport.transport.whereFor(batch.kind) ?? [];
      if (result === undefined) meters.sent(batch, where);
      else meters.failed(batch, where, result);
      return result;
    } finally {
      meters.inFlight(-1);
    }
  }

  /** Logs a failure unless the one before was the same. */
  logFailure(
    message: string,
    { message: error }: SendFailure,
    fields: Readonly<Record<string, string | number>>,
  ): void {
    const cause = `${message} ${error}`;
    if (cause === this.#loggedFailure) return;
    this.#loggedFailure = cause;
    this.#context.log.error(message, { error, ...fields });
  }

  async #sendAgain(batch: OtlpBatch, gone: AbortSignal | undefined): Promise<GivenUp | undefined> {
    const stop = gone === undefined ? this.#stopped.signal : AbortSignal.any([gone, this.#stopped.signal]);
    const start = performance.now();
    let interval = this.#retry.initial_interval;
    for (;;) {
      const failure = await this.#attempt(batch, stop);
      if (failure.isDelivered) return this.#delivered(batch, failure);
      const isStopping = this.#stopping.signal.aborted || stop.aborted;
      if (!failure.isRetryable) return { ...failure, reason: 'refused' };
      if (isStopping) return { ...failure, reason: 'shutdown', type: gone?.aborted === true ? 'Canceled' : 'Shutdown' };
      const retry = this.#retry;
      if (!retry.enabled) return { ...failure, reason: 'retries_exhausted' };

      const factor = 1 + retry.randomization_factor * (2 * (this.#context.random ?? Math.random)() - 1);
      const wait = Math.max(0, interval * factor, Math.min(failure.retryAfter ?? 0, longestRetryAfter));
      interval = Math.min(interval * retry.multiplier, retry.max_interval);
      const { max_elapsed_time: longest } = retry;
      if (longest > 0 && performance.now() - start + wait > longest)
        return { ...failure, message: `no more retries left: ${failure.message}`, reason: 'retries_exhausted' };
      this.logFailure('exporting failed, will retry', failure, { kind: batch.kind, interval: formatDuration(wait) });
      await sleep(wait, AbortSignal.any([stop, this.#stopping.signal, this.#changed.signal]));
      if (gone?.aborted === true) return { ...failure, reason: 'shutdown', type: 'Canceled' };
    }
  }

  async #attempt(batch: OtlpBatch, signal: AbortSignal): Promise<SendResult> {
    if (signal.aborted) return stopped;
    const used = this.#transport;
    used.uses++;
    const result = await used.transport.send(batch, signal).finally(() => {
      used.uses--;
      if (used.uses === 0 && used !== this.#transport) used.transport.close();
    });
    this.#lastError = result.isDelivered ? '' : result.message;
    return result;
  }

  #delivered({ kind, count }: OtlpBatch, { rejected, message }: Delivered): undefined {
    const { log, meters } = this.#context;
    if (this.#loggedFailure !== '') log.info('exporting works again');
    this.#loggedFailure = '';
    const dropped = Math.min(rejected, count);
    const partial = dropped > 0 || message !== '' ? `${dropped > 0} ${message}` : '';
    meters[kind].dropped(dropped, 'partial_success');
    // What lasts is logged once.
    if (partial !== '' && partial !== this.#loggedPartial)
      log.warn('Partial success response', { message, [`dropped_${itemNames[kind]}`]: dropped });
    this.#loggedPartial = partial;
  }
}

interface UsedTransport {
  readonly transport: Transport;
  /** Attempts that are under way. */
  uses: number;
}

const itemNames = { traces: 'spans', metrics: 'data_points', logs: 'log_records' } as const;

const stopped: SendFailure = {
  isDelivered: false,
  isRetryable: true,
  retryAfter: undefined,
  message: 'the exporter has stopped',
  type: 'Shutdown',
};

/** The codes of gRPC by the names that the types of failures have for them. */
const codes: ReadonlyMap<string, GrpcCode> = new Map(
  Object.entries(grpcCodes).map(([name, code]) => [`${name.charAt(0).toUpperCase()}${name.slice(1)}`, code]),
);

/** A failure as whoever gave the batch is told, with the status that the server has told. */
export function deliveryError({ message, isRetryable, retryAfter, type }: SendFailure): DeliveryError {
  const code = codes.get(type);
  const cause = code === undefined ? undefined : new GrpcError(code, message, { retryDelay: retryAfter });
  return new DeliveryError(message, { retryable: isRetryable, retryAfter, cause });
}
