import { Backoff } from '../base/backoff.ts';
import { formatDuration, type Milliseconds } from '../base/duration.ts';
import type { Log, LogFields } from '../base/log.ts';
import { sleep } from '../base/sleep.ts';
import type { HttpClient } from './http-client.ts';
import type { HttpHeaders } from './http-message.ts';
import { push, type PushFailure, type PushResult, type PushSuccess } from './push.ts';

/** How requests are sent to one server. */
export interface PushSettings {
  readonly url: URL;
  /** Belongs to the pusher, which closes it. */
  readonly client: HttpClient;
  readonly headers: HttpHeaders;
  readonly timeout: Milliseconds;
  readonly retriesRateLimited: boolean;
  readonly minBackoff: Milliseconds;
  readonly maxBackoff: Milliseconds;
  /** After how many attempts a request is given up; 0 for never. */
  readonly maxAttempts: number;
}

/** Something to send. */
export interface PushJob {
  /** What to send now; undefined if it is not wanted any more. Asked before each attempt. */
  body(): Buffer | undefined;
  /** Headers beside those of the settings, which they replace. */
  headers(attempt: number): HttpHeaders;
  /** Aborts when it is not wanted any more, so that nobody waits for the next attempt. */
  readonly signal?: AbortSignal;
  /** Is told of each attempt. */
  attempted(result: PushResult, body: Buffer, duration: Milliseconds): void;
  /** Is told when an attempt has failed that may be repeated. */
  failed(): void;
  /** Is told how long it waits before the next attempt. */
  waiting?(wait: Milliseconds): void;
}

/** A peer that asks for more, as by a broken clock, must not stop everything. */
const longestRetryAfter: Milliseconds = 3_600_000;

interface UsedSettings extends PushSettings {
  /** How many requests are under way by them. */
  uses: number;
}

/** Sends requests to one server, each until there is an answer that is final. */
export class Pusher {
  readonly #log: Log;
  #settings: UsedSettings;
  #interrupt = new AbortController();
  readonly #stop = new AbortController();
  /** The last failure that was logged, so that what lasts is logged once. */
  #loggedFailure = '';
  #lastError = '';

  constructor(settings: PushSettings, log: Log) {
    this.#log = log;
    this.#settings = { ...settings, uses: 0 };
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
  change(settings: PushSettings): void {
    const before = this.#settings;
    this.#settings = { ...settings, uses: 0 };
    if (before.url.href !== settings.url.href) {
      this.#interrupt.abort();
      this.#interrupt = new AbortController();
    } else this.retryNow();
    if (before.uses === 0) before.client.close();
  }

  /** Has those try again at once who wait since the server fails. */
  retryNow(): void {
    if (this.#lastError === '') return;
    this.#interrupt.abort();
    this.#interrupt = new AbortController();
  }

  /** Gives up what is being sent. Nothing can be sent any more. */
  stop(): void {
    this.#stop.abort();
    this.#interrupt.abort();
    this.#settings.client.close();
  }

  /**
   * Sends a request until it is delivered, or refused for good, or has been tried often enough. The result is `stopped` if
   * there was no time for that, and `unwanted` if it was not wanted any more.
   */
  async push(job: PushJob): Promise<PushSuccess | PushFailure | 'stopped' | 'unwanted'> {
    let settings: UsedSettings | undefined;
    let backoff = new Backoff(0, 0);
    while (!this.#stop.signal.aborted) {
      const body = job.body();
      if (body === undefined) return 'unwanted';
      const interrupt = this.#interrupt.signal;
      const signal = job.signal === undefined ? interrupt : AbortSignal.any([interrupt, job.signal]);
      if (settings !== this.#settings) {
        settings = this.#settings;
        backoff = new Backoff(settings.minBackoff, settings.maxBackoff);
      }
      try {
        const result = await this.#attempt(settings, job, body, backoff.attempts, signal);
        if (result.isDelivered) return result;
        if (settings !== this.#settings) continue;
        if (result.isRetryable) job.failed();
        const { maxAttempts } = settings;
        if (!result.isRetryable || (maxAttempts > 0 && backoff.attempts + 1 >= maxAttempts)) return result;
        const growing = backoff.next();
        const asked = Math.min(result.retryAfter ?? 0, longestRetryAfter);
        const wait = asked > 0 ? asked : growing;
        job.waiting?.(wait);
        this.logFailure('error sending batch, will retry', result, { retry_after: formatDuration(wait) });
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
    this.#log.error(message, { endpoint: this.#settings.url.host, status, error, ...fields });
  }

  async #attempt(
    settings: UsedSettings,
    job: PushJob,
    body: Buffer,
    attempt: number,
    signal: AbortSignal,
  ): Promise<PushResult> {
    const { client, url } = settings;
    const headers = { ...settings.headers, ...job.headers(attempt) };
    const start = performance.now();
    settings.uses++;
    const result = await push(client, body, { ...settings, headers }, signal).finally(() => {
      settings.uses--;
      if (settings.uses === 0 && settings !== this.#settings) client.close();
    });
    this.#lastError = result.isDelivered ? '' : result.message;
    job.attempted(result, body, performance.now() - start);
    if (!result.isDelivered) return result;
    if (this.#loggedFailure !== '') this.#log.info('sending batches works again', { endpoint: url.host });
    this.#loggedFailure = '';
    return result;
  }
}
