import type { Log } from '../../../base/log.ts';
import type { ProgramInfo } from '../../../component/component.ts';
import { writeProtocols } from '../../../formats/remote-write/write-request.ts';
import { httpClient } from '../../../net/http-client.ts';
import { headerText, type HttpHeaders } from '../../../net/http-message.ts';
import { installationHeaders } from '../../../net/installation-headers.ts';
import type { PushFailure, PushSuccess } from '../../../net/push.ts';
import { Pusher, type PushSettings } from '../../../net/pusher.ts';
import { withoutOld } from './age-filter.ts';
import type { EndpointMeters } from './endpoint-meters.ts';
import type { EndpointArgs } from './fields.ts';
import { itemCount, type ItemCounts, type OutgoingRequest } from './outgoing-request.ts';
import type { ShardCount } from './shard-count.ts';
import { splitRequest } from './split-request.ts';
import { writtenOf } from './written-counts.ts';

export interface SenderContext {
  readonly log: Log;
  readonly program: ProgramInfo;
  readonly shardCount: ShardCount;
}

const tooLarge = '413';
/** No server limits requests to less than this, in bytes; one that says so all the same would not take any part. */
const neverTooLarge = 4096;

/** Sends requests of remote write to one server, each until there is an answer that is final, and counts what it is. */
export class Sender {
  meters: EndpointMeters;
  /** The latest time of a sample that has its answer, in milliseconds since 1970. */
  newestSent = -Infinity;
  readonly #context: SenderContext;
  readonly #pusher: Pusher;
  #args: EndpointArgs;
  #customHeaders: HttpHeaders;
  #isFinishing = false;

  constructor(args: EndpointArgs, meters: EndpointMeters, context: SenderContext) {
    this.#args = args;
    this.meters = meters;
    this.#context = context;
    this.#customHeaders = headersOf(args);
    this.#pusher = new Pusher(settingsFor(args, context.program), context.log);
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
    this.#args = args;
    this.#customHeaders = headersOf(args);
    this.#pusher.change(settingsFor(args, this.#context.program));
  }

  /** Sends from now on as long as that works, since everything is safe that is not sent: the first failure ends it. */
  finish(): void {
    this.#isFinishing = true;
    this.#pusher.retryNow();
  }

  /** Gives up what is being sent. Nothing can be sent any more. */
  stop(): void {
    this.#pusher.stop();
  }

  /**
   * Sends a request until it is delivered, refused, or too old, which are counted; one that is too large for the server in
   * halves, one after the other. False if there was no time for that, or the signal said that it is not wanted any more.
   */
  async send(request: OutgoingRequest, signal?: AbortSignal): Promise<boolean> {
    const { contentType, version } = writeProtocols[request.protocol];
    const start = performance.now();
    let rest: OutgoingRequest | undefined = request;
    const result = await this.#pusher.push({
      ...(signal === undefined ? {} : { signal }),
      body: () => {
        if (signal?.aborted === true) return undefined;
        rest = this.#withoutOld(rest);
        return rest?.body;
      },
      headers: (attempt) => ({
        'content-encoding': 'snappy',
        'content-type': contentType,
        'x-prometheus-remote-write-version': version,
        ...(attempt === 0 ? {} : { 'retry-attempt': String(attempt) }),
        ...this.#customHeaders,
      }),
      attempted: (_attempt, _body, duration) => this.meters.took(duration / 1000),
      failed: () => {
        if (rest !== undefined) this.meters.retried(rest);
        if (this.#isFinishing) this.stop();
      },
      waiting: (wait) => this.#context.shardCount.waiting(wait),
    });
    if (result === 'stopped') return false;
    if (result === 'unwanted') return signal?.aborted !== true;
    if (rest === undefined) return true;
    const halves = result.isDelivered ? undefined : this.#halvesOf(rest, result);
    if (halves !== undefined) return (await this.send(halves[0], signal)) && this.send(halves[1], signal);
    if (result.isDelivered) this.#delivered(rest, result);
    else this.#refused(rest, result);
    this.meters.answered(rest, result.isDelivered, rest.body.length);
    this.newestSent = Math.max(this.newestSent, rest.newest);
    this.#context.shardCount.sent(itemCount(rest), (performance.now() - start) / 1000);
    return true;
  }

  /** What is left of a request that waits; undefined if all of it is too old. */
  #withoutOld(request: OutgoingRequest | undefined): OutgoingRequest | undefined {
    const { sample_age_limit: limit } = this.#args.queue_config;
    const minTime = Date.now() - limit;
    if (request === undefined || limit === 0 || request.oldest >= minTime) return request;
    const { body, dropped } = withoutOld(request.body, request.protocol, minTime);
    this.meters.dropped(dropped, 'too_old');
    const counts = difference(request, dropped);
    return itemCount(counts) === 0 ? undefined : { ...request, ...counts, body, oldest: minTime };
  }

  /** What to send instead of a request that is too large for the server. */
  #halvesOf(request: OutgoingRequest, failure: PushFailure): ReturnType<typeof splitRequest> {
    if (failure.status !== tooLarge || request.body.length < neverTooLarge) return undefined;
    const halves = splitRequest(request);
    if (halves === undefined) return undefined;
    this.meters.count('splits');
    this.#pusher.logFailure('the server takes no request as large, it is sent in parts', failure, {});
    return halves;
  }

  #delivered(request: OutgoingRequest, { headers }: PushSuccess): void {
    const written = request.protocol === 'v2' ? writtenOf(request, headers) : request;
    const missing = difference(request, written);
    this.meters.sent(written);
    if (itemCount(missing) === 0) return;
    this.meters.failed(missing);
    this.meters.refused(itemCount(missing), 'not_written');
    this.#context.log.error('the server has not stored everything', {
      endpoint: this.#args.url.host,
      sent: itemCount(request),
      written: itemCount(written),
    });
  }

  #refused(request: OutgoingRequest, failure: PushFailure): void {
    this.meters.failed(request);
    this.meters.refused(itemCount(request), failure.status === '-1' ? 'unsendable' : failure.status);
    const { samples, histograms, exemplars } = request;
    const counts = { samples, histograms, exemplars };
    this.#pusher.logFailure('non-recoverable error, samples are dropped', failure, { ...counts, body: failure.text });
  }
}

function difference(from: ItemCounts, other: ItemCounts): ItemCounts {
  return {
    samples: from.samples - other.samples,
    histograms: from.histograms - other.histograms,
    exemplars: from.exemplars - other.exemplars,
    metadata: from.metadata - other.metadata,
  };
}

function headersOf({ headers }: EndpointArgs): HttpHeaders {
  return Object.fromEntries(Array.from(headers, ([name, value]) => [name.toLowerCase(), headerText(value)]));
}

function settingsFor(args: EndpointArgs, program: ProgramInfo): PushSettings {
  return {
    url: args.url,
    client: httpClient(args, { ...program, usesRandomAddresses: args.round_robin_dns }),
    headers: installationHeaders(program.installationId),
    timeout: args.remote_timeout,
    retriesRateLimited: args.queue_config.retry_on_http_429,
    minBackoff: args.queue_config.min_backoff,
    maxBackoff: args.queue_config.max_backoff,
    maxAttempts: 0,
  };
}
