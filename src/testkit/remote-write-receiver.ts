import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../base/message-of.ts';
import { writeRequestV1, writeRequestV2 } from './metrics-reference.ts';
import { referenceSnappy } from './push-reference.ts';
import { bodyOf, serve, type TestServer } from './test-server.ts';
import { until } from './until.ts';

/** A time series of a request, whatever the version of the protocol. */
export interface ReceivedSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** The names of the labels in the order they came. */
  readonly names: readonly string[];
  readonly samples: readonly ReceivedSample[];
  readonly histograms: readonly Readonly<Record<string, unknown>>[];
  readonly exemplars: readonly (ReceivedSample & { readonly labels: Readonly<Record<string, string>> })[];
  readonly metadata: ReceivedMetadata | undefined;
}

export interface ReceivedSample {
  readonly value: number;
  readonly timestamp: number;
  readonly start: number;
}

export interface ReceivedMetadata {
  readonly name?: string;
  readonly type: number;
  readonly help: string;
  readonly unit: string;
}

export interface ReceivedWrite {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it was sent. */
  readonly body: Buffer;
  readonly series: readonly ReceivedSeries[];
  /** Metadata of version 1. */
  readonly metadata: readonly ReceivedMetadata[];
  /** The texts of version 2. */
  readonly symbols: readonly string[];
  /** What is wrong with it; it is answered with 400 then. */
  readonly problem: string | undefined;
  /** When it came, on the clock of `performance.now`. */
  readonly at: number;
  answer: number | 'hang' | 'close' | undefined;
}

/** What happens to a request: a status, no answer ever, the end of the connection, or a whole response. */
export type WriteAnswer =
  | number
  | 'hang'
  | 'close'
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      readonly delay?: number;
    };

/** Starts a receiver of remote write for tests, on a free port of this machine. Close it with `await using`. */
export async function startWriteReceiver(port = 0): Promise<RemoteWriteReceiver> {
  const receiver = new RemoteWriteReceiver();
  await receiver.up(port);
  return receiver;
}

/**
 * Takes requests of remote write, keeps them, and answers as it is told. It reads them with libraries and code of its own,
 * so that it does not share mistakes with what it tests.
 */
export class RemoteWriteReceiver implements AsyncDisposable {
  readonly requests: ReceivedWrite[] = [];
  /** The time series of the requests that were answered with success, in the order of the answers. */
  readonly accepted: ReceivedSeries[] = [];
  #server: TestServer | undefined;
  #port = 0;
  #answer: (request: ReceivedWrite) => WriteAnswer | Promise<WriteAnswer> = () => 204;
  readonly #closing = new AbortController();

  get url(): string {
    return `http://127.0.0.1:${this.#port}/api/v1/write`;
  }

  /** Ends all connections, and refuses new ones until `up`. */
  async down(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = undefined;
  }

  async up(port = this.#port): Promise<void> {
    this.#server ??= await serve((request, response) => void this.#serve(request, response), undefined, port);
    this.#port = Number(this.#server.url.port);
  }

  /** How requests are answered from now on; of a list each answer is given once, and then 204. */
  answer(how: WriteAnswer | readonly WriteAnswer[] | ((request: ReceivedWrite) => WriteAnswer | Promise<WriteAnswer>)) {
    if (typeof how === 'function') this.#answer = how;
    else if (Array.isArray(how)) {
      const rest = [...(how as readonly WriteAnswer[])];
      this.#answer = () => rest.shift() ?? 204;
    } else this.#answer = () => how as WriteAnswer;
  }

  /** The samples that were accepted, in their order: `name{label="value"} value @time`. */
  get texts(): string[] {
    return this.accepted.flatMap(({ labels, samples }) =>
      samples.map(({ value, timestamp }) => `${showLabels(labels)} ${value} @${timestamp}`),
    );
  }

  /** Waits until so many requests have come. */
  async attempts(count: number): Promise<readonly ReceivedWrite[]> {
    await until(() => this.requests.filter(({ answer }) => answer !== undefined).length >= count);
    return this.requests;
  }

  /** Waits until so many time series were accepted. */
  async series(count: number): Promise<readonly ReceivedSeries[]> {
    await until(() => this.accepted.length >= count);
    return this.accepted;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.down();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body: Buffer;
    try {
      body = await bodyOf(request);
    } catch {
      // The client gave up.
      return;
    }
    const write = received(request, body);
    this.requests.push(write);
    const answer = write.problem === undefined ? await this.#answer(write) : 400;
    if (answer === 'hang' || answer === 'close') {
      write.answer = answer;
      if (answer === 'close') response.destroy();
      return;
    }
    const { status, headers, body: text, delay = 0 } = typeof answer === 'number' ? { status: answer } : answer;
    if (delay > 0) await sleep(delay, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    write.answer = status;
    if (response.destroyed) return;
    if (status >= 200 && status < 300) this.accepted.push(...write.series);
    response.writeHead(status, headers ?? writtenHeaders(write)).end(text);
  }
}

/** What servers of version 2 tell that they have stored. */
function writtenHeaders({ series }: ReceivedWrite): Record<string, string> {
  const count = (kind: 'samples' | 'histograms' | 'exemplars'): string =>
    String(series.reduce((sum, one) => sum + one[kind].length, 0));
  return {
    'X-Prometheus-Remote-Write-Samples-Written': count('samples'),
    'X-Prometheus-Remote-Write-Histograms-Written': count('histograms'),
    'X-Prometheus-Remote-Write-Exemplars-Written': count('exemplars'),
  };
}

function received(request: IncomingMessage, body: Buffer): ReceivedWrite {
  const { headers, method = '', url = '' } = request;
  const isV2 = headers['content-type']?.includes('io.prometheus.write.v2.Request') === true;
  const common = { method, path: url, headers, body, at: performance.now(), answer: undefined };
  return { ...common, ...readWrite(isV2 ? 'v2' : 'v1', body) };
}

/** Reads the body of a request; one that is not right has nothing but a problem. */
export function readWrite(
  protocol: 'v1' | 'v2',
  body: Buffer,
): Pick<ReceivedWrite, 'series' | 'metadata' | 'symbols' | 'problem'> {
  try {
    const bytes = Buffer.from(referenceSnappy.uncompress(body));
    return { problem: undefined, ...(protocol === 'v2' ? readV2(bytes) : readV1(bytes)) };
  } catch (error) {
    return { series: [], metadata: [], symbols: [], problem: messageOf(error) };
  }
}

type Pair = { readonly name?: string; readonly value?: string };
type Item = Readonly<Record<string, unknown>> & { readonly labels?: readonly Pair[]; readonly labels_refs?: number[] };
interface Message {
  readonly timeseries?: readonly (Item & {
    readonly samples?: readonly Item[];
    readonly histograms?: readonly Item[];
    readonly exemplars?: readonly Item[];
    readonly metadata?: Readonly<Record<string, unknown>>;
  })[];
  readonly metadata?: readonly Readonly<Record<string, unknown>>[];
  readonly symbols?: readonly string[];
}

function readV1(bytes: Buffer): Pick<ReceivedWrite, 'series' | 'metadata' | 'symbols'> {
  const { timeseries = [], metadata = [] } = writeRequestV1.decode(bytes) as Message;
  const labelsOf = ({ labels = [] }: Item): [string, string][] =>
    labels.map(({ name = '', value = '' }) => [name, value]);
  return {
    series: timeseries.map((one) => seriesOf(one, labelsOf)),
    metadata: metadata.map(({ metric_family_name: name, type, help, unit }) => ({
      name: textOf(name),
      type: Number(type ?? 0),
      help: textOf(help),
      unit: textOf(unit),
    })),
    symbols: [],
  };
}

function readV2(bytes: Buffer): Pick<ReceivedWrite, 'series' | 'metadata' | 'symbols'> {
  const { timeseries = [], symbols = [] } = writeRequestV2.decode(bytes) as Message;
  const symbol = (ref: unknown): string => {
    const text = symbols[Number(ref ?? 0)];
    if (text === undefined) throw new Error(`no symbol ${String(ref)}`);
    return text;
  };
  const labelsOf = ({ labels_refs: refs = [] }: Item): [string, string][] => {
    if (refs.length % 2 === 1) throw new Error('odd number of label references');
    return Array.from({ length: refs.length / 2 }, (_, index) => [
      symbol(refs[2 * index]),
      symbol(refs[2 * index + 1]),
    ]);
  };
  const series = timeseries.map((one) => {
    const { type = 0, help_ref: help, unit_ref: unit } = one.metadata ?? {};
    const metadata = one.metadata && { type: Number(type), help: symbol(help), unit: symbol(unit) };
    return { ...seriesOf(one, labelsOf), metadata };
  });
  return { series, metadata: [], symbols };
}

function seriesOf(
  one: NonNullable<Message['timeseries']>[number],
  labelsOf: (item: Item) => [string, string][],
): ReceivedSeries {
  const pairs = labelsOf(one);
  const { samples = [], histograms = [], exemplars = [] } = one;
  const sampleOf = ({ value, timestamp, start_timestamp: start }: Item): ReceivedSample => ({
    value: Number(value ?? 0),
    timestamp: Number(timestamp ?? 0),
    start: Number(start ?? 0),
  });
  return {
    labels: Object.fromEntries(pairs),
    names: pairs.map(([name]) => name),
    samples: samples.map(sampleOf),
    histograms,
    exemplars: exemplars.map((item) => ({ ...sampleOf(item), labels: Object.fromEntries(labelsOf(item)) })),
    metadata: undefined,
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function showLabels({ __name__: name = '', ...rest }: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`;
}
