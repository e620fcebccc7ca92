import type { Milliseconds } from '../../../base/duration.ts';
import type { Log } from '../../../base/log.ts';
import { DeliveryError, type Consumer, type Delivery } from '../../../flow/delivery.ts';
import { otlpKinds, otlpSize, type OtlpBatch, type OtlpClient, type OtlpKind } from '../../../model/otlp-batch.ts';
import { outputFor, type OtlpOutputs } from '../output-block.ts';
import { Batcher, type BatchContext, type BatchSizes } from './batcher.ts';
import type { BatchMeters } from './metrics.ts';

export interface BatchArgs extends BatchSizes {
  readonly metadata_keys: readonly string[];
  readonly metadata_cardinality_limit: number;
  readonly output: OtlpOutputs;
}

/** How many bytes may wait in all batchers together. */
const maxPendingBytes = 64 * 1024 * 1024;

/** How long what is left may be offered when the component stops. */
const defaultFinishTimeout: Milliseconds = 5000;

const noAuth: ReadonlyMap<string, string> = new Map();

/**
 * Gives what comes to batchers, one for each kind and each combination of values of the metadata keys. While too much
 * waits, senders do too.
 */
export class BatchProcessor implements Consumer<OtlpBatch> {
  readonly #args: BatchArgs;
  readonly #keys: readonly string[];
  readonly #meters: BatchMeters;
  readonly #log: Log;
  readonly #processor: string;
  readonly #batchers: Readonly<Record<OtlpKind, Map<string, Batcher>>> = {
    traces: new Map(),
    metrics: new Map(),
    logs: new Map(),
  };
  readonly #context: BatchContext;
  readonly #gone = new AbortController();
  #room = Promise.withResolvers<void>();
  #items = 0;
  #bytes = 0;
  #isStopping = false;
  /** The causes that were logged, until a batch is accepted again. */
  readonly #logged = new Set<string>();

  constructor(id: string, args: BatchArgs, meters: BatchMeters, log: Log) {
    this.#args = args;
    // They are those of headers, which do not tell upper from lower case.
    this.#keys = [...new Set(args.metadata_keys.map((key) => key.toLowerCase()))];
    this.#meters = meters;
    this.#log = log;
    this.#processor = `batch/${id}`;
    this.#context = this.#contextOf(args);
  }

  consume(batch: OtlpBatch, delivery: Delivery): Promise<void> | void {
    outputFor(this.#args.output, batch.kind);
    if (batch.count === 0) return undefined;
    return this.#isFull(batch) ? this.#addLater(batch, delivery) : this.#add(batch, delivery);
  }

  /** Works until the signal aborts, and then sends what is left. */
  async run(signal: AbortSignal, finishTimeout = defaultFinishTimeout): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (!signal.aborted) await promise;
    await this.#stop(finishTimeout);
  }

  /** Stops what has never run, since something may have come all the same. */
  async close(): Promise<void> {
    if (!this.#isStopping) await this.#stop(defaultFinishTimeout);
  }

  async #stop(finishTimeout: Milliseconds): Promise<void> {
    this.#isStopping = true;
    this.#wake();
    const timer = setTimeout(() => this.#gone.abort(), finishTimeout);
    await this.#flush();
    clearTimeout(timer);
    this.#gone.abort();
  }

  async #flush(): Promise<void> {
    await Promise.all(
      otlpKinds.flatMap((kind) => Array.from(this.#batchers[kind].values(), (batcher) => batcher.flush())),
    );
  }

  #add(batch: OtlpBatch, delivery: Delivery): void {
    if (this.#isStopping) throw new DeliveryError('the component is stopping', { retryable: true });
    const batcher = this.#batcherFor(batch);
    this.#count(batch.count, batcher.add(batch, delivery));
    batcher.work();
  }

  /** Waits until there is room. Where all memory is taken, what waits for more to come is sent. */
  async #addLater(batch: OtlpBatch, delivery: Delivery): Promise<void> {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    const leave = (): void => resolve();
    delivery.signal.addEventListener('abort', leave, { once: true });
    while (this.#isFull(batch) && !this.#isStopping && !delivery.signal.aborted) {
      // What is sent at once makes room before anyone could wait for it.
      const { promise: room } = this.#room;
      if (this.#hasNoRoomFor(batch)) void this.#flush();
      await Promise.race([room, gone]);
    }
    delivery.signal.removeEventListener('abort', leave);
    if (delivery.signal.aborted) throw new DeliveryError('the sender has gone', { retryable: true });
    this.#add(batch, delivery);
  }

  #isFull(batch: OtlpBatch): boolean {
    const batcher = this.#batchers[batch.kind].get(this.#combinationOf(batch.client));
    return batcher?.isFull === true || this.#hasNoRoomFor(batch);
  }

  /** A batch that is larger than all there may be has room where there is nothing else. */
  #hasNoRoomFor(batch: OtlpBatch): boolean {
    return this.#bytes > 0 && this.#bytes + otlpSize(batch) > maxPendingBytes;
  }

  #batcherFor({ kind, client }: OtlpBatch): Batcher {
    const batchers = this.#batchers[kind];
    const combination = this.#combinationOf(client);
    let batcher = batchers.get(combination);
    if (batcher === undefined) {
      const limit = this.#args.metadata_cardinality_limit;
      if (limit === 0) forgetIdle(batchers);
      else if (batchers.size >= limit)
        throw new DeliveryError('too many batcher metadata-value combinations', { retryable: false });
      batcher = new Batcher(outputFor(this.#args.output, kind), kind, this.#clientOf(client), this.#context);
      batchers.set(combination, batcher);
      const largest = Math.max(...otlpKinds.map((each) => this.#batchers[each].size));
      this.#meters.cardinality.with(this.#processor).set(largest);
    }
    return batcher;
  }

  /** A key that is not there differs from one without values. */
  #combinationOf(client: OtlpClient | undefined): string {
    if (this.#keys.length === 0) return '';
    return JSON.stringify(this.#keys.map((key) => client?.metadata.get(key) ?? null));
  }

  /** What is known of the clients of all that is in a batch. */
  #clientOf(client: OtlpClient | undefined): OtlpClient | undefined {
    if (this.#keys.length === 0) return undefined;
    const metadata = this.#keys.flatMap((key) => {
      const values = client?.metadata.get(key);
      return values === undefined ? [] : [[key, values] as const];
    });
    return { address: undefined, metadata: new Map(metadata), auth: noAuth };
  }

  #count(items: number, bytes: number): void {
    this.#items += items;
    this.#bytes += bytes;
    this.#meters.pendingItems.with(this.#processor).set(this.#items);
    this.#meters.pendingBytes.with(this.#processor).set(this.#bytes);
  }

  #wake(): void {
    this.#room.resolve();
    this.#room = Promise.withResolvers<void>();
  }

  #contextOf(sizes: BatchSizes): BatchContext {
    const meters = this.#meters;
    const processor = this.#processor;
    return {
      sizes,
      gone: this.#gone.signal,
      made({ count, chunks }, trigger) {
        meters.sendSize.with(processor).observe(count);
        meters.sendBytes.with(processor).observe(chunks.reduce((size, chunk) => size + chunk.length, 0));
        (trigger === 'size' ? meters.sizeTriggers : meters.timeoutTriggers).with(processor).inc();
      },
      refused: ({ message }) => {
        meters.refusals.with(processor).inc();
        this.#logOnce('a batch was refused and is offered again', message);
      },
      ended: ({ count, bytes }, error) => {
        this.#count(-count, -bytes);
        this.#wake();
        if (error === undefined) this.#logged.clear();
        else {
          const reason = error.isRetryable ? 'shutdown' : 'refused';
          meters.dropped.with(processor, reason).inc(count);
          this.#logOnce('a batch was refused and is dropped', error.message);
        }
      },
    };
  }

  #logOnce(message: string, error: string): void {
    const cause = `${message}: ${error}`;
    // Errors can have anything in them.
    if (this.#logged.has(cause) || this.#logged.size >= 100) return;
    this.#logged.add(cause);
    this.#log.error(message, { error });
  }
}

/** Without a limit, only batchers that have something are kept. */
function forgetIdle(batchers: Map<string, Batcher>): void {
  for (const [combination, batcher] of batchers) if (batcher.isIdle) batchers.delete(combination);
}
