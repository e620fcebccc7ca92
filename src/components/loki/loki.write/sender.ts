import { Backoff } from '../../../base/backoff.ts';
import { formatDuration, longestTimeout, type Milliseconds } from '../../../base/duration.ts';
import type { Log, LogFields } from '../../../base/log.ts';
import type { ProgramInfo } from '../../../component/component.ts';
import type { MetersOf } from '../../../component/metrics.ts';
import { httpClient, type HttpClient } from '../../../net/http-client.ts';
import { headerText, type HttpHeaders } from '../../../net/http-message.ts';
import type { EndpointArgs } from './fields.ts';
import type { writeMetrics } from './metrics.ts';
import { push, type PushFailure } from './push.ts';

/** What endpoints of one component share. */
export interface WriteContext {
  readonly metrics: MetersOf<typeof writeMetrics>;
  readonly program: ProgramInfo;
  readonly log: Log;
}

/** Headers of each request, which the configuration cannot replace. */
const fixedHeaders: HttpHeaders = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };

/** A peer that asks for more, as by a broken clock, must not stop everything. */
const longestRetryAfter: Milliseconds = 3_600_000;

/** What requests are sent by. */
interface Settings {
  readonly args: EndpointArgs;
  readonly client: HttpClient;
  readonly headers: HttpHeaders;
  /** How many requests are under way by them. */
  uses: number;
}

/** Sends requests to one server, each until there is an answer that is final. */
export class Sender {
  readonly #context: WriteContext;
  #settings: Settings;
  #interrupt = new AbortController();
  readonly #stop = new AbortController();
  /** The last failure that was logged, so that what lasts is logged once. */
  #loggedFailure = '';
  #lastError = '';

  constructor(args: EndpointArgs, context: WriteContext) {
    this.#context = context;
    this.#settings = this.#settingsFor(args);
  }

  get host(): string {
    return this.#settings.args.url.host;
  }

  /** Aborts when nothing can be sent any more. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /** Why the last request was not delivered; empty if it was. */
  get lastError(): string {
    return this.#lastError;
  }

  /**
   * Sends by other settings from now on, also what waits to be sent again. A request that is under way may end if the
   * server is the same and works, since otherwise it would be sent twice.
   */
  change(args: EndpointArgs): void {
    const before = this.#settings;
    this.#settings = this.#settingsFor(args);
    if (before.args.url.href !== args.url.href || this.#lastError !== '') {
      this.#interrupt.abort();
      this.#interrupt = new AbortController();
    }
    if (before.uses === 0) before.client.close();
  }

  /** Gives up what is being sent. Nothing can be sent any more. */
  stop(): void {
    this.#stop.abort();
    this.#interrupt.abort();
    this.#settings.client.close();
  }

  /**
   * Sends a body until it is delivered, which is undefined, or refused for good, or has been tried often enough. The
   * result is `stopped` if there was no time for that.
   */
  async send(tenant: string, body: Buffer): Promise<PushFailure | 'stopped' | undefined> {
    let settings: Settings | undefined;
    let backoff = new Backoff(0, 0);
    while (!this.#stop.signal.aborted) {
      const { signal } = this.#interrupt;
      if (settings !== this.#settings) {
        settings = this.#settings;
        backoff = new Backoff(settings.args.min_backoff_period, settings.args.max_backoff_period);
      }
      try {
        const failure = await this.#attempt(settings, tenant, body, signal);
        if (failure === undefined) return undefined;
        if (settings !== this.#settings) continue;
        if (failure.isRetryable) this.#context.metrics.retries.with(this.host, tenant).inc();
        const { max_backoff_retries: maxAttempts = 0 } = settings.args;
        if (!failure.isRetryable || (maxAttempts > 0 && backoff.attempts + 1 >= maxAttempts)) return failure;
        const wait = Math.max(backoff.next(), Math.min(failure.retryAfter ?? 0, longestRetryAfter));
        this.logFailure('error sending batch, will retry', failure, { retry_after: formatDuration(wait) });
        await sleep(wait, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
    return 'stopped';
  }

  /** Logs a failure unless the one before was the same. */
  logFailure(message: string, { status, message: error }: PushFailure, fields: LogFields): void {
    const cause = `${message} ${status} ${error}`;
    if (cause === this.#loggedFailure) return;
    this.#loggedFailure = cause;
    this.#context.log.error(message, { endpoint: this.host, status, error, ...fields });
  }

  async #attempt(
    settings: Settings,
    tenant: string,
    body: Buffer,
    signal: AbortSignal,
  ): Promise<PushFailure | undefined> {
    const { args, client, headers: custom } = settings;
    const { url, remote_timeout: timeout, retry_on_http_429: retriesRateLimited } = args;
    const { metrics, log } = this.#context;
    const headers = tenant === '' ? custom : { ...custom, 'x-scope-orgid': headerText(tenant) };
    const start = performance.now();
    settings.uses++;
    const result = await push(client, body, { url, headers, timeout, retriesRateLimited }, signal).finally(() => {
      settings.uses--;
      if (settings.uses === 0 && settings !== this.#settings) client.close();
    });
    metrics.requestDuration.with(result.status, url.host, tenant).observe((performance.now() - start) / 1000);
    this.#lastError = result.isDelivered ? '' : result.message;
    if (!result.isDelivered) return result;
    metrics.sentBytes.with(url.host, tenant).inc(body.length);
    metrics.requestSize.with(url.host, tenant).observe(body.length);
    if (this.#loggedFailure !== '') log.info('sending batches works again', { endpoint: url.host });
    this.#loggedFailure = '';
    return undefined;
  }

  #settingsFor(args: EndpointArgs): Settings {
    const headers: Record<string, string | string[]> = { ...fixedHeaders };
    const taken = new Set([
      ...Object.keys(fixedHeaders),
      'user-agent',
      ...(args.tenant_id === '' ? [] : ['x-scope-orgid']),
    ]);
    for (const [name, value] of args.headers) {
      const key = name.toLowerCase();
      if (taken.has(key)) {
        this.#context.log.warn('custom header key already exists, skipping', { endpoint: args.url.host, key: name });
      } else headers[key] = headerText(value);
    }
    return { args, client: httpClient(args, this.#context.program), headers, uses: 0 };
  }
}

/** Waits for a time, or until the signal aborts. */
export async function sleep(duration: Milliseconds, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = (): void => resolve();
  signal.addEventListener('abort', wake, { once: true });
  const timer = setTimeout(wake, Math.min(duration, longestTimeout));
  await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', wake);
}
