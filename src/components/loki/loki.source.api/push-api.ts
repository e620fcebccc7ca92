import { ByteBudget } from '../../../base/byte-budget.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { LineClock } from '../../../files/line-clock.ts';
import { AwaitedDeliveries } from '../../../flow/awaited-deliveries.ts';
import type { DecodedPush } from '../../../formats/loki-push/decoded-push.ts';
import { decodeRawPush } from '../../../formats/loki-push/raw.ts';
import { Labels } from '../../../model/labels.ts';
import type { LogBatch } from '../../../model/log-batch.ts';
import { mapStreams } from '../../../model/log-streams.ts';
import { deliveryAnswer, laterAnswer, textAnswer, type HttpAnswer } from '../../../net/http-answer.ts';
import type { HttpExchange, HttpRoute } from '../../../net/http-exchange.ts';
import { readBody, type BodyLimits } from '../../../net/request-body.ts';
import type { ApiSourceArguments } from './fields.ts';
import type { ApiSourceMeters } from './metrics.ts';
import { decodeBody, pushLimits } from './push-body.ts';
import { stamped } from './stamped.ts';
import { StreamLabels } from './stream-labels.ts';

/** What a request takes beside its body. */
const requestCost = 16 * 1024;
/** What an entry takes in the columns of a batch. */
const entryCost = 32;
/** Requests together may always take that. */
const leastBudget = 64 * 1024 * 1024;

/** The settings of the component, and what is made of them once. */
interface Settings {
  readonly args: ApiSourceArguments;
  readonly fixedLabels: Labels;
  readonly streamLabels: StreamLabels;
}

type Decode = (body: Buffer, limits: BodyLimits) => DecodedPush | HttpAnswer;

/** Takes pushed entries, and answers when they are delivered. */
export class PushApi {
  readonly routes: readonly HttpRoute[];
  readonly #metrics: ApiSourceMeters;
  readonly #budget = new ByteBudget(0);
  readonly #deliveries = new AwaitedDeliveries<LogBatch>();
  readonly #clock = new LineClock();
  #settings: Settings;

  constructor(args: ApiSourceArguments, metrics: ApiSourceMeters) {
    this.#metrics = metrics;
    this.#settings = settingsOf(args);
    this.#budget.limit = budgetOf(args);
    const push = (exchange: HttpExchange): Promise<HttpAnswer> => this.#push(exchange);
    const raw = (exchange: HttpExchange): Promise<HttpAnswer> => this.#pushRaw(exchange);
    this.routes = [
      { method: 'POST', path: '/loki/api/v1/push', name: 'loki_api_v1_push', handle: push },
      { method: 'POST', path: '/api/v1/push', name: 'api_v1_push', handle: push },
      { method: 'POST', path: '/api/prom/push', name: 'api_prom_push', handle: push },
      { method: 'POST', path: '/loki/api/v1/raw', name: 'loki_api_v1_raw', handle: raw },
      { method: 'POST', path: '/api/v1/raw', name: 'api_v1_raw', handle: raw },
      { method: 'GET', path: '/ready', name: 'ready', handle: () => ({ status: 200, body: 'ready' }) },
    ];
  }

  /** Takes new arguments; requests that are under way keep those they began with. */
  update(args: ApiSourceArguments): void {
    this.#settings = settingsOf(args);
    this.#budget.limit = budgetOf(args);
  }

  /** Refuses requests from now on, and those whose entries were not accepted yet. */
  stop(): void {
    this.#deliveries.stop();
  }

  /** Refuses those that are left, too. */
  abandon(): void {
    this.#deliveries.abandon();
  }

  async #push(exchange: HttpExchange): Promise<HttpAnswer> {
    const settings = this.#settings;
    const { headers } = exchange.request;
    const type = mediaType(headers['content-type']);
    if (type === undefined) return textAnswer(400, 'Content-Type is missing or not valid');
    const tenant = utf8Header(headers['x-scope-orgid']);
    return this.#receive(
      exchange,
      settings,
      (body, limits) => decodeBody(body, type === 'application/json', limits),
      (batch) => {
        const labelled = mapStreams(batch, (labels) => settings.streamLabels.of(labels, tenant));
        this.#dropped('relabel', batch.count - (labelled?.count ?? 0));
        return settings.args.use_incoming_timestamp ? labelled : labelled && stamped(labelled, this.#clock);
      },
    );
  }

  #pushRaw(exchange: HttpExchange): Promise<HttpAnswer> {
    const settings = this.#settings;
    const decode: Decode = (body, { maxBytes }) => {
      const decoded = decodeRawPush(body, Date.now(), settings.fixedLabels, pushLimits(maxBytes));
      return decoded instanceof ParseError ? textAnswer(400, decoded.message) : decoded;
    };
    return this.#receive(exchange, settings, decode, (batch) => stamped(batch, this.#clock));
  }

  /** Reads a request, sends what is made of it, and waits until that is delivered. */
  async #receive(
    exchange: HttpExchange,
    { args }: Settings,
    decode: Decode,
    finish: (batch: LogBatch) => LogBatch | undefined,
  ): Promise<HttpAnswer> {
    const memory = this.#budget.open();
    const release = (): void => {
      memory.release();
      this.#metrics.inflightBytes.set(this.#budget.used);
    };
    let isSent = false;
    try {
      if (!memory.take(requestCost)) return laterAnswer(429, 'too many requests are under way');
      const limits = { maxBytes: args.max_send_message_size, memory };
      const body = await readBody(exchange, limits);
      if (!Buffer.isBuffer(body)) return body;
      const decoded = decode(body, limits);
      if ('status' in decoded) return decoded;
      const { batch, labelError, lostEntries } = decoded;
      if (!memory.take(entryCost * (batch?.count ?? 0))) return laterAnswer(429, 'too many entries are under way');
      this.#metrics.inflightBytes.set(this.#budget.used);
      this.#dropped('invalid_labels', lostEntries);
      const finished = batch && finish(batch);
      if (finished !== undefined) {
        isSent = true;
        const timeout = args.http.server_write_timeout || Infinity;
        const patience = { signal: exchange.signal, timeout };
        const error = await this.#deliveries.send(args.forward_to, finished, patience, release);
        if (error !== undefined) return deliveryAnswer(error);
        this.#metrics.entriesWritten.inc(finished.count);
      }
      return labelError === undefined ? { status: 204 } : textAnswer(400, labelError.message);
    } finally {
      if (!isSent) release();
    }
  }

  #dropped(reason: string, count: number): void {
    if (count > 0) this.#metrics.droppedEntries.with(reason).inc(count);
  }
}

function settingsOf(args: ApiSourceArguments): Settings {
  return { args, fixedLabels: Labels.from(args.labels), streamLabels: new StreamLabels(args) };
}

/** A request takes its body packed and unpacked, and the columns of its entries. */
function budgetOf({ max_send_message_size: size }: ApiSourceArguments): number {
  return Math.max(leastBudget, 3 * size + requestCost);
}

/** `application/json` of a Content-Type header, in lower case; undefined if it is none. */
function mediaType(header: string | undefined): string | undefined {
  return /^\s*([!#$%&'*+.^_`|~\w-]+(?:\/[!#$%&'*+.^_`|~\w-]+)?)\s*(?:;|$)/.exec(header ?? '')?.[1]?.toLowerCase();
}

/** Node gives headers one character a byte. */
function utf8Header(header: string | string[] | undefined): string {
  return Buffer.from(String(header ?? ''), 'latin1').toString();
}
