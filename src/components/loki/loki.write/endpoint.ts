import { Backoff } from '../../../base/backoff.ts';
import { formatDuration, longestTimeout, type Milliseconds } from '../../../base/duration.ts';
import type { Log } from '../../../base/log.ts';
import type { MetersOf } from '../../../component/metrics.ts';
import type { ProgramInfo } from '../../../component/component.ts';
import { DeliveryError, type Consumer, type Delivery } from '../../../flow/delivery.ts';
import { entrySize } from '../../../formats/loki-push/encode.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import { httpClient, type HttpClient } from '../../../net/http-client.ts';
import { headerText, type HttpHeaders } from '../../../net/http-message.ts';
import type { Destination, Destinations } from './destinations.ts';
import type { EndpointArgs } from './fields.ts';
import { dropReasons, type DropReason, type writeMetrics } from './metrics.ts';
import { push, type PushResult } from './push.ts';
import { RequestQueue, type PushRequest } from './request-queue.ts';

export interface EndpointContext {
  readonly destinations: Destinations;
  readonly maxStreams: number;
  readonly metrics: MetersOf<typeof writeMetrics>;
  readonly program: ProgramInfo;
  readonly log: Log;
}

type Failure = Extract<PushResult, { isDelivered: false }>;

/** Headers of each request, which the configuration cannot replace. */
const fixedHeaders: HttpHeaders = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };

/** A peer that asks for more, as by a broken clock, must not stop everything. */
const longestRetryAfter: Milliseconds = 3_600_000;

/** One server that gets all entries: a queue of requests, and who sends them one after the other, for each shard. */
export class Endpoint implements Consumer<LogBatch> {
  readonly #args: EndpointArgs;
  readonly #context: EndpointContext;
  readonly #host: string;
  readonly #headers: HttpHeaders;
  readonly #client: HttpClient;
  readonly #queues: readonly RequestQueue[];
  readonly #tenants = new Set<string>();
  #hasStopped = false;
  /** Entries that were still there when the time for sending them was over. */
  #unsentEntries = 0;
  /** The last failure that was logged, so that what lasts is logged once. */
  #loggedFailure = '';

  constructor(args: EndpointArgs, context: EndpointContext) {
    this.#args = args;
    this.#context = { ...context, log: context.log.with({ endpoint: args.url.host }) };
    this.#host = args.url.host;
    this.#client = httpClient(args, context.program);
    this.#headers = this.#customHeaders();
    const { capacity, min_shards: shards } = args.queue_config;
    const limits = {
      batchSize: args.batch_size,
      batchWait: args.batch_wait,
      capacity: Math.max(1, Math.floor(capacity / args.batch_size)),
      maxStreams: context.maxStreams,
    };
    this.#queues = Array.from({ length: shards }, () => new RequestQueue(limits));
  }

  consume(batch: LogBatch, delivery: Delivery): Promise<void> | void {
    this.#refuseIfStopped();
    const destinations = batch.streams.map((labels) => this.#context.destinations.of(labels));
    if (this.#queuesToWaitFor(destinations).length > 0) return this.#addLater(batch, destinations, delivery);
    this.#add(batch, destinations, delivery);
    return undefined;
  }

  /** Sends until the signal aborts, and then what is left, as long as the drain timeout allows. */
  async run(signal: AbortSignal): Promise<void> {
    const hardStop = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const stop = (): void => {
      this.#hasStopped = true;
      for (const queue of this.#queues) queue.close();
      timer = setTimeout(() => hardStop.abort(), this.#args.queue_config.drain_timeout);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    await Promise.all(this.#queues.map((queue) => this.#send(queue, hardStop.signal)));
    clearTimeout(timer);
    this.#client.close();
    if (this.#unsentEntries > 0) {
      this.#context.log.warn('failed to flush all queues during shutdown', { entries: this.#unsentEntries });
    }
  }

  async #addLater(batch: LogBatch, destinations: readonly Destination[], delivery: Delivery): Promise<void> {
    for (;;) {
      const full = this.#queuesToWaitFor(destinations);
      if (full.length === 0) break;
      await Promise.all(full.map((queue) => queue.room()));
      this.#refuseIfStopped();
      if (delivery.signal.aborted) throw new DeliveryError('the sender gave up', { retryable: true });
    }
    this.#add(batch, destinations, delivery);
  }

  #add(batch: LogBatch, destinations: readonly Destination[], delivery: Delivery): void {
    const { tenant_id: defaultTenant, queue_config: queueConfig } = this.#args;
    for (const { tenant = defaultTenant } of destinations) this.#showTenant(tenant);
    for (let index = 0; index < batch.count; index++) {
      const destination = destinations[batch.streamOf[index] ?? 0] as Destination;
      const queue = this.#queueOf(destination);
      const tenant = destination.tenant ?? defaultTenant;
      if (!queueConfig.block_on_overflow && queue.isFull) {
        this.#dropped(tenant, 'queue_is_full', 1, entrySize(batch, index));
      } else if (!queue.add(batch, index, tenant, destination, delivery)) {
        this.#dropped(tenant, 'stream_limited', 1, entrySize(batch, index));
      }
    }
    this.#showQueues();
  }

  /** Shows the counters of a tenant from its first entry on, before there is anything to count. */
  #showTenant(tenant: string): void {
    if (this.#tenants.has(tenant)) return;
    this.#tenants.add(tenant);
    const { sentBytes, sentEntries, retries } = this.#context.metrics;
    for (const family of [sentBytes, sentEntries, retries]) family.with(this.#host, tenant);
    for (const reason of dropReasons) this.#dropped(tenant, reason, 0, 0);
  }

  #queueOf({ hash }: Destination): RequestQueue {
    return this.#queues[hash % this.#queues.length] as RequestQueue;
  }

  #queuesToWaitFor(destinations: readonly Destination[]): RequestQueue[] {
    if (!this.#args.queue_config.block_on_overflow || !this.#queues.some((queue) => queue.isFull)) return [];
    const wanted = new Set(destinations.map((destination) => this.#queueOf(destination)));
    return [...wanted].filter((queue) => queue.isFull);
  }

  #refuseIfStopped(): void {
    if (this.#hasStopped) throw new DeliveryError(`the endpoint ${this.#host} has stopped`, { retryable: true });
  }

  /** Sends the requests of one queue in order, each until it is delivered or given up. */
  async #send(queue: RequestQueue, hardStop: AbortSignal): Promise<void> {
    for (;;) {
      const request = await queue.first();
      if (request === undefined) {
        if (this.#hasStopped) return;
        continue;
      }
      const error = await this.#deliver(request, hardStop);
      queue.shift();
      for (const settle of request.settles) settle(error);
      this.#showQueues();
    }
  }

  /** Tries until the request is delivered, or the result is what became of its entries. */
  async #deliver(request: PushRequest, hardStop: AbortSignal): Promise<DeliveryError | undefined> {
    const { min_backoff_period: min, max_backoff_period: max, max_backoff_retries: maxAttempts = 0 } = this.#args;
    const backoff = new Backoff(min, max);
    try {
      for (let attempt = 1; ; attempt++) {
        const result = await this.#attempt(request, hardStop);
        if (result.isDelivered) {
          this.#delivered(request);
          return undefined;
        }
        if (result.isRetryable) this.#context.metrics.retries.with(this.#host, request.tenant).inc();
        if (!result.isRetryable || (maxAttempts > 0 && attempt >= maxAttempts)) return this.#giveUp(request, result);
        const wait = Math.max(backoff.next(), Math.min(result.retryAfter ?? 0, longestRetryAfter));
        this.#logFailure('error sending batch, will retry', result, { retry_after: formatDuration(wait) });
        await sleep(wait, hardStop);
      }
    } catch (error) {
      if (!hardStop.aborted) throw error;
      this.#unsentEntries += request.entryCount;
      return new DeliveryError(`the endpoint ${this.#host} stopped before entries were delivered`, { retryable: true });
    }
  }

  async #attempt({ tenant, body }: PushRequest, signal: AbortSignal): Promise<PushResult> {
    const { url, remote_timeout: timeout, retry_on_http_429: retriesRateLimited } = this.#args;
    const headers = tenant === '' ? this.#headers : { ...this.#headers, 'x-scope-orgid': headerText(tenant) };
    const start = performance.now();
    const result = await push(this.#client, body, { url, headers, timeout, retriesRateLimited }, signal);
    const { requestDuration } = this.#context.metrics;
    requestDuration.with(result.status, this.#host, tenant).observe((performance.now() - start) / 1000);
    return result;
  }

  #delivered(request: PushRequest): void {
    const { tenant, body, entryCount } = request;
    const { metrics, log } = this.#context;
    metrics.sentBytes.with(this.#host, tenant).inc(body.length);
    metrics.sentEntries.with(this.#host, tenant).inc(entryCount);
    metrics.requestSize.with(this.#host, tenant).observe(body.length);
    this.#observeLatency(request);
    if (this.#loggedFailure !== '') log.info('sending batches works again');
    this.#loggedFailure = '';
  }

  #giveUp(request: PushRequest, failure: Failure): DeliveryError {
    const { tenant, body, entryCount } = request;
    this.#dropped(tenant, failure.status === '429' ? 'rate_limited' : 'ingester_error', entryCount, body.length);
    this.#observeLatency(request);
    this.#logFailure('final error sending batch, entries are dropped', failure, { entries: entryCount });
    return new DeliveryError(failure.message, { retryable: false });
  }

  #dropped(tenant: string, reason: DropReason, entries: number, bytes: number): void {
    const { metrics } = this.#context;
    metrics.droppedEntries.with(this.#host, tenant, reason).inc(entries);
    metrics.droppedBytes.with(this.#host, tenant, reason).inc(bytes);
  }

  #observeLatency({ tenant, readTimes }: PushRequest): void {
    const latency = this.#context.metrics.latency.with(this.#host, tenant);
    const now = Date.now();
    for (const { at, count } of readTimes) latency.observe((now - at) / 1000, count);
  }

  #logFailure(message: string, failure: Failure, fields: Readonly<Record<string, string | number>>): void {
    const cause = `${message} ${failure.status} ${failure.message}`;
    if (cause === this.#loggedFailure) return;
    this.#loggedFailure = cause;
    this.#context.log.error(message, { status: failure.status, error: failure.message, ...fields });
  }

  #showQueues(): void {
    const { queuedBytes, queuedEntries } = this.#context.metrics;
    let bytes = 0;
    let entries = 0;
    for (const queue of this.#queues) {
      bytes += queue.byteCount;
      entries += queue.entryCount;
    }
    queuedBytes.with(this.#host).set(bytes);
    queuedEntries.with(this.#host).set(entries);
  }

  #customHeaders(): HttpHeaders {
    const headers: Record<string, string | string[]> = { ...fixedHeaders };
    const taken = new Set([
      ...Object.keys(fixedHeaders),
      'user-agent',
      ...(this.#args.tenant_id === '' ? [] : ['x-scope-orgid']),
    ]);
    for (const [name, value] of this.#args.headers) {
      const key = name.toLowerCase();
      if (taken.has(key)) this.#context.log.warn('custom header key already exists, skipping', { key: name });
      else headers[key] = headerText(value);
    }
    return headers;
  }
}

async function sleep(duration: Milliseconds, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = (): void => resolve();
  signal.addEventListener('abort', wake, { once: true });
  const timer = setTimeout(wake, Math.min(duration, longestTimeout));
  await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', wake);
}
