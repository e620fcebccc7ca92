import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { Milliseconds } from '../base/duration.ts';
import { messageOf } from '../base/message-of.ts';
import { readPushRequest, referenceSnappy, type PushedStream } from './push-reference.ts';
import { bodyOf, serve, type TestServer } from './test-server.ts';

export interface ReceivedEntry {
  readonly labels: Readonly<Record<string, string>>;
  readonly labelText: string;
  /** A decimal number, since nanoseconds since 1970 do not fit into a float. */
  readonly timestampNs: string;
  readonly line: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** The header `X-Scope-OrgID`. */
  readonly tenant: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export interface ReceivedRequest {
  readonly headers: IncomingHttpHeaders;
  /** As it was sent. */
  readonly body: Buffer;
  readonly entries: readonly ReceivedEntry[];
  /** What is wrong with it; it is answered with 400 then. */
  readonly problem: string | undefined;
  /** The status it was answered with, or what happened instead. */
  answer: number | 'hang' | 'close' | undefined;
}

/** What happens to a request: a status, no answer ever, the end of the connection, or a whole response. */
export type Answer =
  | number
  | 'hang'
  | 'close'
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      /** How long it takes. */
      readonly delay?: Milliseconds;
    };

export interface ReceiverTls {
  readonly key: string;
  readonly cert: string;
  /** Who must have issued the certificates of clients. */
  readonly ca?: string;
  /** Whether clients must have one. */
  readonly requestCert?: boolean;
}

const path = '/loki/api/v1/push';

/** Starts a Loki for tests, on a free port of this machine. Close it with `await using`. */
export async function startLokiReceiver(tls?: ReceiverTls): Promise<LokiReceiver> {
  const receiver = new LokiReceiver();
  await receiver.start(tls);
  return receiver;
}

/**
 * Takes push requests as Loki does, keeps everything, and answers as it is told. It reads them with libraries and code of
 * its own, so that it does not share mistakes with what it tests.
 */
export class LokiReceiver implements AsyncDisposable {
  /** All requests, also those that were refused. */
  readonly requests: ReceivedRequest[] = [];
  /** The entries of the requests that were answered with success, in the order of the answers. */
  readonly accepted: ReceivedEntry[] = [];
  #server: TestServer | undefined;
  #restart: (() => Promise<TestServer>) | undefined;
  #url = '';
  #answer: (request: ReceivedRequest) => Answer | Promise<Answer> = () => 204;
  #changed = Promise.withResolvers<void>();
  readonly #closing = new AbortController();

  async start(tls: ReceiverTls | undefined): Promise<void> {
    const options = tls && { ...tls, rejectUnauthorized: tls.requestCert ?? false };
    const handler = (request: IncomingMessage, response: ServerResponse): void => void this.#serve(request, response);
    this.#server = await serve(handler, options);
    const { url } = this.#server;
    this.#url = new URL(path, url).href;
    this.#restart = () => serve(handler, options, Number(url.port));
  }

  /** Ends all connections, and refuses new ones until `up`. */
  async down(): Promise<void> {
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = undefined;
  }

  /** Takes requests again, at the same address, after `down`. */
  async up(): Promise<void> {
    this.#server ??= await this.#restart?.();
  }

  /** Where to push to. */
  get url(): string {
    return this.#url;
  }

  /** The bytes of all bodies, as they were sent. */
  get bytes(): number {
    return this.requests.reduce((sum, { body }) => sum + body.length, 0);
  }

  /** How requests are answered from now on; of a list each answer is given once, and then 204. */
  answer(how: Answer | readonly Answer[] | ((request: ReceivedRequest) => Answer | Promise<Answer>)): void {
    if (typeof how === 'function') this.#answer = how;
    else if (isList(how)) {
      const rest = [...how];
      this.#answer = () => rest.shift() ?? 204;
    } else this.#answer = () => how;
  }

  /** Waits until so many entries were accepted, and gives all of them. */
  async entries(count: number, timeout: Milliseconds = 5000): Promise<readonly ReceivedEntry[]> {
    await this.#until(() => this.accepted.length >= count, `${count} entries`, timeout);
    return this.accepted;
  }

  /** Waits until so many requests were answered, or not answered as told, and gives all of them. */
  async attempts(count: number, timeout: Milliseconds = 5000): Promise<readonly ReceivedRequest[]> {
    const isDone = (): boolean => this.requests.filter(({ answer }) => answer !== undefined).length >= count;
    await this.#until(isDone, `${count} requests`, timeout);
    return this.requests;
  }

  /** The accepted entries that had been accepted before, in the same stream of the same tenant. */
  duplicates(): ReceivedEntry[] {
    const seen = new Set<string>();
    return this.accepted.filter(({ tenant, labelText, timestampNs, line, metadata }) => {
      const key = JSON.stringify([tenant, labelText, timestampNs, line, metadata]);
      return seen.size === seen.add(key).size;
    });
  }

  /** Everything that came, for messages. */
  describe(): string {
    const requests = this.requests.map(({ answer = 'no answer yet', problem, entries }, index) => {
      const tenant = entries[0]?.tenant === undefined ? '' : ` of tenant ${entries[0].tenant}`;
      const lines = entries.map(
        ({ timestampNs, labelText, line, metadata }) =>
          `\n    ${timestampNs} ${labelText} ${JSON.stringify(line)} ${JSON.stringify(metadata)}`,
      );
      return `  request ${index + 1}${tenant}, ${answer}${problem === undefined ? '' : `, ${problem}`}:${lines.join('')}`;
    });
    return requests.length === 0 ? 'nothing came' : requests.join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#server?.[Symbol.asyncDispose]();
  }

  async #until(isDone: () => boolean, what: string, timeout: Milliseconds): Promise<void> {
    const deadline = performance.now() + timeout;
    const timer = new AbortController();
    const late = sleep(timeout, undefined, { signal: timer.signal }).catch(() => undefined);
    while (!isDone() && performance.now() < deadline) await Promise.race([this.#changed.promise, late]);
    timer.abort();
    if (!isDone()) {
      throw new Error(
        `expected ${what} within ${timeout} ms, got ${this.accepted.length} entries:\n${this.describe()}`,
      );
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST' || request.url !== path) {
      response.writeHead(404).end();
      return;
    }
    let body: Buffer;
    try {
      body = await bodyOf(request);
    } catch {
      // The client gave up.
      return;
    }
    const received = readRequest(request.headers, body);
    this.requests.push(received);
    const answer = received.problem === undefined ? await this.#answer(received) : problemAnswer(received.problem);
    await this.#respond(received, response, answer);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #respond(received: ReceivedRequest, response: ServerResponse, answer: Answer): Promise<void> {
    if (answer === 'hang' || answer === 'close') {
      received.answer = answer;
      if (answer === 'close') response.destroy();
      return;
    }
    const { status, headers = {}, body, delay = 0 } = typeof answer === 'number' ? { status: answer } : answer;
    if (delay > 0) await sleep(delay, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    if (response.destroyed) {
      received.answer = 'close';
      return;
    }
    response.writeHead(status, headers).end(body);
    received.answer = status;
    if (status >= 200 && status < 300) this.accepted.push(...received.entries);
  }
}

function isList(how: Answer | readonly Answer[]): how is readonly Answer[] {
  return Array.isArray(how);
}

function problemAnswer(problem: string): Answer {
  return { status: 400, body: problem };
}

function readRequest(headers: IncomingHttpHeaders, body: Buffer): ReceivedRequest {
  try {
    const streams = readStreams(headers, body);
    return { headers, body, entries: entriesOf(streams, headers), problem: undefined, answer: undefined };
  } catch (error) {
    return { headers, body, entries: [], problem: messageOf(error), answer: undefined };
  }
}

function readStreams(headers: IncomingHttpHeaders, body: Buffer): PushedStream[] {
  const content = headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
  if (headers['content-type']?.startsWith('application/json') === true) return readJson(content.toString());
  return readPushRequest(referenceSnappy.uncompress(content));
}

interface JsonPush {
  readonly streams: readonly {
    readonly stream: Readonly<Record<string, string>>;
    readonly values: readonly (readonly [nanos: string, line: string, metadata?: Readonly<Record<string, string>>])[];
  }[];
}

function readJson(text: string): PushedStream[] {
  const { streams } = JSON.parse(text) as JsonPush;
  return streams.map(({ stream, values }) => ({
    labels: `{${Object.entries(stream)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(', ')}}`,
    entries: values.map(([timestampNs, line, metadata = {}]) => ({
      timestampNs,
      line,
      metadata: Object.entries(metadata).map(([name, value]) => ({ name, value })),
    })),
  }));
}

function entriesOf(streams: readonly PushedStream[], headers: IncomingHttpHeaders): ReceivedEntry[] {
  const tenant = headers['x-scope-orgid']?.toString();
  return streams.flatMap(({ labels: labelText, entries }) => {
    const labels = readLabels(labelText);
    return entries.map(({ timestampNs, line, metadata }) => ({
      labels,
      labelText,
      timestampNs,
      line,
      metadata: Object.fromEntries(metadata.map(({ name, value }) => [name, value])),
      tenant,
      headers,
    }));
  });
}

/** Takes any name, also those that Loki would refuse. */
function readLabels(text: string): Record<string, string> {
  if (!/^\{.*\}$/s.test(text)) throw new Error(`labels without braces: ${text}`);
  const pairs = text.slice(1, -1).matchAll(/([^\s,="]+)="((?:[^"\\]|\\.)*)"/gs);
  return Object.fromEntries(Array.from(pairs, ([, name = '', value = '']) => [name, unescape(value)]));
}

/** The escapes of Go that JSON lacks become those of JSON. */
function unescape(value: string): string {
  const json = value.replaceAll(/\\(?:x(..)|U(.{8})|([^]))/g, (escape: string, byte?: string, long?: string) => {
    if (byte !== undefined) return `\\u00${byte}`;
    if (long !== undefined) return String.fromCodePoint(Number.parseInt(long, 16));
    if (escape === '\\a') return '\\u0007';
    return escape === '\\v' ? '\\u000b' : escape;
  });
  return JSON.parse(`"${json}"`) as string;
}
