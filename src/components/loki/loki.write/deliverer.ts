import { ParseError } from '../../../base/parse-error.ts';
import { DeliveryError } from '../../../flow/delivery.ts';
import { PushParts } from '../../../formats/loki-push/push-parts.ts';
import type { PushFailure } from '../../../net/push.ts';
import { countDropped, type DropReason } from './metrics.ts';
import { RejectedStreams, SplitAllowance, type Rejections } from './rejections.ts';
import type { PushRequest } from './request-queue.ts';
import type { Sender, WriteContext } from './sender.ts';

/** Answers that are about the entries, so that some of them may be taken without the others. */
const aboutEntries: ReadonlySet<string> = new Set(['400', '413', '422']);
const tooLarge = '413';

/** How often one request is cut, at most; each cut costs two requests. */
const maxCuts = 64;

/** What a request may be when it is not compressed. */
const maxSize = 1024 * 1024 * 1024;

/** A range of the entries of a request. */
interface Part {
  readonly from: number;
  readonly to: number;
  /** Why it was refused; undefined if it was not sent. */
  readonly failure?: PushFailure;
  /** Of a stream of which nothing was taken lately: it is sent, but not searched for what is wrong. */
  readonly isSuspect?: boolean;
}

/**
 * Sees to it that each request is delivered, or dropped and counted. Of a request that is refused for what is in it, as
 * many entries are delivered as can be found with a limited number of requests: it is cut in two again and again, and
 * the parts are sent in order.
 */
export class Deliverer {
  readonly sender: Sender;
  /** The name of the endpoint. */
  name: string;
  readonly #context: WriteContext;
  readonly #rejections: Rejections;
  readonly #rejectedStreams = new RejectedStreams();
  readonly #allowance = new SplitAllowance();
  /** Entries for which there was no time. */
  unsentEntries = 0;

  constructor(sender: Sender, name: string, context: WriteContext, rejections: Rejections) {
    this.sender = sender;
    this.name = name;
    this.#context = context;
    this.#rejections = rejections;
  }

  /** Undefined if everything was delivered. An error that is worth a retry means that there was no time to send it. */
  async deliver(request: PushRequest): Promise<DeliveryError | undefined> {
    const { tenant, body, entryCount } = request;
    const failure = await this.sender.send(tenant, body);
    if (failure === 'stopped') return this.#unsent(entryCount);
    const error = failure === undefined ? this.#sent(tenant, entryCount) : await this.#refused(request, failure);
    if (error?.isRetryable !== true) this.#observeLatency(request);
    return error;
  }

  #sent(tenant: string, entries: number): undefined {
    this.#context.metrics.sentEntries.with(this.sender.host, tenant).inc(entries);
  }

  /** Counts entries as not sent, and says so to whoever waits for them. */
  #unsent(entries: number): DeliveryError {
    this.unsentEntries += entries;
    this.#context.metrics.unsentEntries.with(this.sender.host).inc(entries);
    const message = `the endpoint ${this.sender.host} stopped before entries were delivered`;
    return new DeliveryError(message, { retryable: true });
  }

  async #refused(request: PushRequest, failure: PushFailure): Promise<DeliveryError | undefined> {
    const { tenant, body, entryCount } = request;
    const parts = aboutEntries.has(failure.status)
      ? PushParts.read(body, maxSize, (labels) => this.#rejectedStreams.has(labels))
      : undefined;
    if (parts instanceof PushParts) return this.#deliverParts(request, parts, failure);
    if (parts instanceof ParseError) this.#context.log.error('cannot look into a batch', { error: parts.message });
    this.#drop({ tenant, entries: entryCount, bytes: body.length, labels: '', failure });
    return new DeliveryError(failure.message, { retryable: false });
  }

  async #deliverParts(
    { tenant, body: whole }: PushRequest,
    parts: PushParts,
    failure: PushFailure,
  ): Promise<DeliveryError | undefined> {
    const { metrics } = this.#context;
    const total = parts.entryCount;
    const rest = this.#firstParts(parts, failure);
    const dropped = new Map<string, number>();
    let sent = 0;
    let cuts = 0;
    let last = failure;
    for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
      const { from, to } = part;
      const isWhole = part.failure !== undefined;
      const body = isWhole ? whole : parts.encode(from, to);
      const answer = part.failure ?? (await this.sender.send(tenant, body));
      if (answer === 'stopped') return this.#unsent(total - sent - sumOf(dropped));
      if (answer === undefined) {
        this.#sent(tenant, to - from);
        sent += to - from;
        continue;
      }
      last = answer;
      const canCut = to - from > 1 && part.isSuspect !== true && aboutEntries.has(answer.status) && cuts < maxCuts;
      // Without cutting nothing of what is too large can be delivered; of what is wrong, the server often keeps the rest.
      if (canCut && (answer.status === tooLarge || this.#allowance.take())) {
        if (cuts++ === 0) metrics.splitRequests.with(this.sender.host, tenant).inc();
        const middle = parts.middle(from, to);
        rest.push({ from: middle, to }, { from, to: middle });
      } else {
        const labels = parts.labelsOf(from);
        this.#drop({ tenant, entries: to - from, bytes: body.length, labels, failure: answer });
        countByStream(parts, from, to, dropped);
      }
    }
    this.#rememberStreams(parts, dropped);
    return dropped.size === 0 ? undefined : new DeliveryError(last.message, { retryable: false });
  }

  /** What to begin with, last first: all of it, or what is not known to be wrong before each stream that is. */
  #firstParts(parts: PushParts, failure: PushFailure): Part[] {
    const total = parts.entryCount;
    let firstSuspect = 0;
    while (firstSuspect < total && !this.#rejectedStreams.has(parts.labelsOf(firstSuspect)))
      firstSuspect = parts.streamEnd(firstSuspect);
    if (firstSuspect === total) return [{ from: 0, to: total, failure }];
    if (parts.streamEnd(0) === total) return [{ from: 0, to: total, failure, isSuspect: true }];
    const all: Part[] = firstSuspect === 0 ? [] : [{ from: 0, to: firstSuspect }];
    for (let from = firstSuspect; from < total; from = parts.streamEnd(from)) {
      all.push({ from, to: parts.streamEnd(from), isSuspect: true });
    }
    return all.toReversed();
  }

  /** Remembers the streams of which several entries came and none was taken. */
  #rememberStreams(parts: PushParts, dropped: ReadonlyMap<string, number>): void {
    for (let entry = 0; entry < parts.entryCount; entry = parts.streamEnd(entry)) {
      const labels = parts.labelsOf(entry);
      const count = parts.streamEnd(entry) - entry;
      if (dropped.get(labels) !== count) this.#rejectedStreams.delete(labels);
      else if (count > 1) this.#rejectedStreams.add(labels);
    }
  }

  #drop(what: { tenant: string; entries: number; bytes: number; labels: string; failure: PushFailure }): void {
    const { tenant, entries, bytes, labels, failure } = what;
    const reason = reasonOf(failure, entries);
    countDropped(this.#context.metrics, { host: this.sender.host, tenant, reason }, entries, bytes);
    this.#rejections.add({ endpoint: this.name, tenant, reason, entries, labels, error: failure.message });
    this.sender.logFailure('final error sending batch, entries are dropped', failure, { entries });
  }

  #observeLatency({ tenant, readTimes }: PushRequest): void {
    const latency = this.#context.metrics.latency.with(this.sender.host, tenant);
    const now = Date.now();
    for (const { at, count } of readTimes) latency.observe((now - at) / 1000, count);
  }
}

function reasonOf({ status }: PushFailure, entries: number): DropReason {
  if (status === '429') return 'rate_limited';
  return status === tooLarge && entries === 1 ? 'line_too_long' : 'ingester_error';
}

function countByStream(parts: PushParts, from: number, to: number, counts: Map<string, number>): void {
  for (let entry = from; entry < to;) {
    const end = Math.min(parts.streamEnd(entry), to);
    const labels = parts.labelsOf(entry);
    counts.set(labels, (counts.get(labels) ?? 0) + end - entry);
    entry = end;
  }
}

function sumOf(counts: ReadonlyMap<string, number>): number {
  return counts.values().reduce((sum, count) => sum + count, 0);
}
