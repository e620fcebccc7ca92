import { ByteBudget } from '../../../base/byte-budget.ts';
import type { Log } from '../../../base/log.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { AwaitedDeliveries } from '../../../flow/awaited-deliveries.ts';
import { decodeWriteV1 } from '../../../formats/remote-write/decode-v1.ts';
import { decodeWriteV2 } from '../../../formats/remote-write/decode-v2.ts';
import type { DecodedWrite } from '../../../formats/remote-write/decoded-write.ts';
import { decompress, decompressedSize } from '../../../formats/snappy/decompress.ts';
import { sampleCount, type SampleBatch } from '../../../model/sample-batch.ts';
import { allSeries } from '../../../model/series-table.ts';
import { deliveryAnswer, laterAnswer, textAnswer, type HttpAnswer } from '../../../net/http-answer.ts';
import type { HttpExchange, HttpRoute } from '../../../net/http-exchange.ts';
import { readBody, tooLarge, type BodyLimits } from '../../../net/request-body.ts';
import { protocolOf } from './content-type.ts';
import type { ReceiveHttpArguments } from './fields.ts';
import type { ReceiveHttpMeters } from './metrics.ts';
import { notLaterThan } from './within-bounds.ts';

/** Of a request as it comes, and unpacked. */
const maxBytes = 32 * 1024 * 1024;
/** Far more than fits into a request of that size. */
const maxItems = 2_000_000;
/** What a request takes beside its body, and what a sample takes in the columns of a batch. */
const requestCost = 16 * 1024;
const sampleCost = 40;
/** What requests together may take. */
const budgetBytes = 4 * maxBytes;
const maxFuture = 10 * 60_000;

/** Takes requests of remote write, and answers when their samples are delivered. */
export class WriteApi {
  readonly routes: readonly HttpRoute[];
  readonly #metrics: ReceiveHttpMeters;
  readonly #log: Log;
  readonly #budget = new ByteBudget(budgetBytes);
  readonly #deliveries = new AwaitedDeliveries<SampleBatch>();
  #args: ReceiveHttpArguments;

  constructor(args: ReceiveHttpArguments, metrics: ReceiveHttpMeters, log: Log) {
    this.#args = args;
    this.#metrics = metrics;
    this.#log = log;
    const path = '/api/v1/metrics/write';
    this.routes = [
      { method: 'POST', path, name: 'api_v1_metrics_write', handle: (exchange) => this.#receive(exchange) },
    ];
  }

  /** Takes new arguments; requests that are under way keep those they began with. */
  update(args: ReceiveHttpArguments): void {
    this.#args = args;
  }

  /** Refuses requests from now on, and those whose samples were not accepted yet. */
  stop(): void {
    this.#deliveries.stop();
  }

  /** Refuses those that are left, too. */
  abandon(): void {
    this.#deliveries.abandon();
  }

  async #receive(exchange: HttpExchange): Promise<HttpAnswer> {
    const args = this.#args;
    const { headers } = exchange.request;
    const encoding = (headers['content-encoding'] ?? '').trim().toLowerCase();
    if (encoding !== '' && encoding !== 'snappy')
      return textAnswer(415, `Content-Encoding ${JSON.stringify(encoding)} is not supported, only snappy`);
    const protocol = protocolOf(headers['content-type'], args.accepted_remote_write_protobuf_messages);
    if (typeof protocol === 'object') return textAnswer(415, protocol.problem);

    const memory = this.#budget.open();
    let decoded: DecodedWrite | undefined;
    const release = (): void => {
      for (const series of decoded?.shares ?? []) allSeries.release(series);
      memory.release();
      this.#metrics.inflightBytes.set(this.#budget.used);
    };
    let isSent = false;
    try {
      if (!memory.take(requestCost)) return laterAnswer(429, 'too many requests are under way');
      const limits = { maxBytes, memory };
      const content = await readContent(exchange, limits);
      if (!Buffer.isBuffer(content)) return content;
      const result =
        protocol === 'v1'
          ? decodeWriteV1(content, allSeries, { maxItems })
          : decodeWriteV2(content, allSeries, { maxItems }, { hasTypeLabels: args.enable_type_and_unit_labels });
      if (result instanceof ParseError) return textAnswer(400, result.message);
      decoded = result;
      if (!memory.take(sampleCost * (decoded.batch === undefined ? 0 : sampleCount(decoded.batch))))
        return laterAnswer(429, 'too many samples are under way');
      this.#metrics.inflightBytes.set(this.#budget.used);

      const batch = decoded.batch && notLaterThan(decoded.batch, Date.now() + maxFuture);
      const late = (decoded.batch ? sampleCount(decoded.batch) : 0) - (batch ? sampleCount(batch) : 0);
      const written = writtenHeaders(protocol, batch);
      if (batch !== undefined) {
        isSent = true;
        const failure = await this.#send(exchange, args, withMetadata(batch, args), release);
        if (failure !== undefined) return { ...failure, headers: { ...failure.headers, ...writtenHeaders(protocol) } };
        if (protocol === 'v2') this.#metrics.withoutMetadata.inc(withoutFamily(batch, args));
      }
      return this.#answer(protocol, decoded, late, written);
    } finally {
      if (!isSent) release();
    }
  }

  async #send(
    exchange: HttpExchange,
    { forward_to: to, http }: ReceiveHttpArguments,
    batch: SampleBatch,
    release: () => void,
  ): Promise<HttpAnswer | undefined> {
    const start = performance.now();
    const patience = { signal: exchange.signal, timeout: http.server_write_timeout || Infinity };
    const error = await this.#deliveries.send(to, batch, patience, release);
    this.#metrics.latency.observe((performance.now() - start) / 1000);
    if (error !== undefined) return deliveryAnswer(error);
    this.#metrics.forwarded.inc(sampleCount(batch));
    return undefined;
  }

  /** What to say of a request that was delivered but for what cannot be. */
  #answer(
    protocol: 'v1' | 'v2',
    { invalidSeries, problem, lostSeries }: DecodedWrite,
    late: number,
    written: Readonly<Record<string, string>>,
  ): HttpAnswer {
    this.#metrics.invalidSeries.inc(invalidSeries);
    this.#metrics.dropped.with('out_of_bounds').inc(late);
    this.#metrics.dropped.with('series_limit').inc(lostSeries);
    if (lostSeries > 0) return laterAnswer(503, `there is no room for ${lostSeries} new series`);
    const problems: string[] = [];
    if (late > 0) problems.push(`${late} samples are out of bounds, as they are too far in the future`);
    if (invalidSeries > 0) {
      const text = `${invalidSeries} series are not valid: ${problem ?? ''}`;
      // Senders of version 1 cannot be told of a part of their request.
      if (protocol === 'v2') problems.push(text);
      else this.#log.warn('series that are not valid were left out', { series: invalidSeries, problem });
    }
    return problems.length === 0 ? { status: 204, headers: written } : textAnswer(400, problems.join('\n'), written);
  }
}

async function readContent(exchange: HttpExchange, limits: BodyLimits): Promise<Buffer | HttpAnswer> {
  const body = await readBody(exchange, limits);
  if (!Buffer.isBuffer(body)) return body;
  const size = decompressedSize(body);
  if (size instanceof ParseError) return textAnswer(400, size.message);
  if (size > limits.maxBytes) return tooLarge(limits);
  if (!limits.memory.take(size)) return laterAnswer(429, 'too many bytes are under way');
  const content = decompress(body, size);
  limits.memory.giveBack(body.length);
  return content instanceof ParseError ? textAnswer(400, content.message) : content;
}

/** The batch as it is passed on. */
function withMetadata(batch: SampleBatch, { append_metadata: isWanted }: ReceiveHttpArguments): SampleBatch {
  if (isWanted || batch.families.length === 0) return batch;
  const { histograms } = batch;
  const unfamiliar = histograms && { ...histograms, familyOf: new Uint32Array(histograms.count) };
  return { ...batch, familyOf: undefined, histograms: unfamiliar, families: [] };
}

/** How many samples and histograms are passed on without metadata. */
function withoutFamily(batch: SampleBatch, { append_metadata: isWanted }: ReceiveHttpArguments): number {
  if (!isWanted) return sampleCount(batch);
  const floats = batch.familyOf === undefined ? batch.count : zerosIn(batch.familyOf);
  return floats + (batch.histograms === undefined ? 0 : zerosIn(batch.histograms.familyOf));
}

function zerosIn(column: Uint32Array): number {
  return column.reduce((sum, value) => (value === 0 ? sum + 1 : sum), 0);
}

/** What senders of version 2 want to know: how much was written. */
function writtenHeaders(protocol: 'v1' | 'v2', batch?: SampleBatch): Readonly<Record<string, string>> {
  if (protocol === 'v1') return {};
  return {
    'x-prometheus-remote-write-samples-written': String(batch?.count ?? 0),
    'x-prometheus-remote-write-histograms-written': String(batch?.histograms?.count ?? 0),
    'x-prometheus-remote-write-exemplars-written': String(batch?.exemplars?.count ?? 0),
  };
}
