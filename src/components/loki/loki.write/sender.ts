import type { Log, LogFields } from '../../../base/log.ts';
import type { ProgramInfo } from '../../../component/component.ts';
import type { MetersOf } from '../../../component/metrics.ts';
import { httpClient } from '../../../net/http-client.ts';
import { headerText, type HttpHeaders } from '../../../net/http-message.ts';
import { installationHeaders } from '../../../net/installation-headers.ts';
import type { PushFailure } from '../../../net/push.ts';
import { Pusher, type PushSettings } from '../../../net/pusher.ts';
import type { EndpointArgs } from './fields.ts';
import type { writeMetrics } from './metrics.ts';

/** What endpoints of one component share. */
export interface WriteContext {
  readonly metrics: MetersOf<typeof writeMetrics>;
  readonly program: ProgramInfo;
  readonly log: Log;
}

/** Headers of each request, which the configuration cannot replace. */
const fixedHeaders: HttpHeaders = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };

/** Sends push requests of Loki to one server, each until there is an answer that is final. */
export class Sender {
  readonly #context: WriteContext;
  readonly #pusher: Pusher;
  #host: string;

  constructor(args: EndpointArgs, context: WriteContext) {
    this.#context = context;
    this.#host = args.url.host;
    this.#pusher = new Pusher(this.#settingsFor(args), context.log);
  }

  get host(): string {
    return this.#host;
  }

  /** Aborts when nothing can be sent any more. */
  get stopped(): AbortSignal {
    return this.#pusher.stopped;
  }

  /** Why the last request was not delivered; empty if it was. */
  get lastError(): string {
    return this.#pusher.lastError;
  }

  /** Sends by other settings from now on, also what waits to be sent again. */
  change(args: EndpointArgs): void {
    this.#host = args.url.host;
    this.#pusher.change(this.#settingsFor(args));
  }

  /** Gives up what is being sent. Nothing can be sent any more. */
  stop(): void {
    this.#pusher.stop();
  }

  /**
   * Sends a body until it is delivered, which is undefined, or refused for good, or has been tried often enough. The
   * result is `stopped` if there was no time for that.
   */
  async send(tenant: string, body: Buffer): Promise<PushFailure | 'stopped' | undefined> {
    const { metrics } = this.#context;
    const tenantHeader: HttpHeaders = tenant === '' ? {} : { 'x-scope-orgid': headerText(tenant) };
    const result = await this.#pusher.push({
      body: () => body,
      headers: () => tenantHeader,
      attempted: (attempt, { length }, duration) => {
        metrics.requestDuration.with(attempt.status, this.#host, tenant).observe(duration / 1000);
        if (!attempt.isDelivered) return;
        metrics.sentBytes.with(this.#host, tenant).inc(length);
        metrics.requestSize.with(this.#host, tenant).observe(length);
      },
      failed: () => metrics.retries.with(this.#host, tenant).inc(),
    });
    if (result === 'stopped' || result === 'unwanted') return 'stopped';
    return result.isDelivered ? undefined : result;
  }

  /** Logs a failure unless the one before was the same. */
  logFailure(message: string, failure: PushFailure, fields: LogFields): void {
    this.#pusher.logFailure(message, failure, fields);
  }

  #settingsFor(args: EndpointArgs): PushSettings {
    const { program } = this.#context;
    const headers: Record<string, string | string[]> = {
      ...installationHeaders(program.installationId),
      ...fixedHeaders,
    };
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
    return {
      url: args.url,
      client: httpClient(args, program),
      headers,
      timeout: args.remote_timeout,
      retriesRateLimited: args.retry_on_http_429,
      minBackoff: args.min_backoff_period,
      maxBackoff: args.max_backoff_period,
      maxAttempts: args.max_backoff_retries ?? 0,
    };
  }
}
