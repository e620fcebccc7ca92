import type { IncomingHttpHeaders } from 'node:http';
import { ByteBuilder } from '../base/byte-builder.ts';
import { latin1 } from '../base/bytes.ts';
import type { HttpResponse } from './http-message.ts';

/** What comes next. A body that is neither counted nor in chunks ends with the connection. */
type Step = 'status' | 'header' | 'body' | 'chunk size' | 'chunk end' | 'trailer' | 'done';

/** The bytes of all lines before a body, and of those in it and behind it. */
const maxLineBytes = 16 * 1024;
/** More memory than this is only taken for what has come, whatever the response says of its length. */
const maxTrusted = 1024 * 1024;

const lineFeed = 0x0a;
const noBytes = Buffer.alloc(0);
const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/;
const fieldLine = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*?)[ \t]*$/;
/** Of fields that say one thing, the first counts; others are lists. */
const singleFields: ReadonlySet<string> = new Set([
  'content-length',
  'content-type',
  'date',
  'etag',
  'location',
  'retry-after',
  'server',
]);

/** Reads one response of HTTP/1, in pieces as they come. Throws at what is none. */
export class ResponseReader {
  readonly #method: string;
  readonly #maxBytes: number;
  #body: ByteBuilder | undefined;
  #step: Step = 'status';
  /** The part of a line that has come. */
  #line = '';
  #lineBytes = 0;
  /** What is left of the body, or of a chunk. */
  #left = 0;
  #received = 0;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #lastField = '';
  /** Whether the peer goes on with the connection after the response. */
  #keepsConnection = false;

  /** So many bytes of the body are kept: in the given memory, if any. */
  constructor(method: string, maxBytes: number, into: ByteBuilder | undefined) {
    this.#method = method;
    this.#maxBytes = maxBytes;
    this.#body = into;
    into?.clear();
  }

  /** Whether something has come. */
  get hasBegun(): boolean {
    return this.#step !== 'status' || this.#lineBytes > 0;
  }

  get isDone(): boolean {
    return this.#step === 'done';
  }

  get keepsConnection(): boolean {
    return this.#keepsConnection;
  }

  /** Bytes of the body so far. */
  get received(): number {
    return this.#received;
  }

  get headers(): IncomingHttpHeaders {
    return this.#headers;
  }

  /** Reads a range of bytes, and returns where the response ends in it. */
  read(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && this.#step !== 'done')
      at = this.#step === 'body' ? this.#readBody(bytes, at, end) : this.#readLine(bytes, at, end);
    return at;
  }

  /** Takes the end of the connection; false if that is not the end of the response. */
  end(): boolean {
    if (this.#step === 'body' && this.#left === Infinity) this.#step = 'done';
    return this.isDone;
  }

  /** What has come so far. The body is in the memory that was given, if any. */
  get response(): HttpResponse {
    const size = this.#body?.size ?? 0;
    return {
      status: this.#status,
      headers: this.#headers,
      body: this.#body?.reserve(0).subarray(0, size) ?? noBytes,
      isTruncated: this.#received > this.#maxBytes,
    };
  }

  #readBody(bytes: Buffer, start: number, end: number): number {
    const size = Math.min(end - start, this.#left);
    this.#received += size;
    this.#left -= size;
    const kept = this.#body?.size ?? 0;
    const wanted = Math.min(size, this.#maxBytes - kept);
    if (wanted > 0) {
      this.#body ??= new ByteBuilder();
      // Memory for all that will come is taken at once.
      const room = kept === 0 ? Math.min(wanted + this.#left, this.#maxBytes, maxTrusted) : wanted;
      this.#body.reserve(Math.max(room, wanted));
      this.#body.append(bytes, start, start + wanted);
    }
    if (this.#left === 0) this.#step = this.#isChunked ? 'chunk end' : 'done';
    return start + size;
  }

  get #isChunked(): boolean {
    return /(?:^|,)[ \t]*chunked$/i.test(this.#headers['transfer-encoding'] ?? '');
  }

  #readLine(bytes: Buffer, start: number, end: number): number {
    const found = bytes.indexOf(lineFeed, start);
    const isWhole = found >= 0 && found < end;
    const next = isWhole ? found + 1 : end;
    this.#lineBytes += next - start;
    if (this.#lineBytes > maxLineBytes) throw new Error('the header of the response is too long');
    const part = latin1(bytes, start, isWhole ? found : end);
    if (!isWhole) {
      this.#line += part;
      return next;
    }
    const line = this.#line + part;
    this.#line = '';
    this.#take(line.endsWith('\r') ? line.slice(0, -1) : line);
    return next;
  }

  #take(line: string): void {
    switch (this.#step) {
      case 'status':
        this.#takeStatus(line);
        break;
      case 'header':
        if (line === '') this.#beginBody();
        else this.#takeField(line);
        break;
      case 'chunk size':
        this.#takeChunkSize(line);
        break;
      case 'chunk end':
        if (line !== '') throw new Error('a chunk of the response is longer than it says');
        this.#step = 'chunk size';
        break;
      case 'trailer':
        if (line === '') this.#step = 'done';
        break;
      case 'body':
      case 'done':
        break;
      default:
        throw new TypeError('unknown step', { cause: this.#step satisfies never });
    }
  }

  #takeStatus(line: string): void {
    const [, minor, status] = statusLine.exec(line) ?? [];
    if (status === undefined) throw new Error('the peer does not answer in HTTP/1');
    this.#status = Number(status);
    this.#keepsConnection = minor === '1';
    this.#step = 'header';
  }

  #takeField(line: string): void {
    if (/^[ \t]/.test(line)) {
      const folded = this.#headers[this.#lastField];
      if (typeof folded === 'string') this.#headers[this.#lastField] = `${folded} ${line.trim()}`;
      return;
    }
    const [, given, value = ''] = fieldLine.exec(line) ?? [];
    if (given === undefined) throw new Error('the response has a header that is none');
    const name = given.toLowerCase();
    const before = this.#headers[name];
    this.#lastField = name;
    if (name === 'set-cookie') this.#headers[name] = [...(this.#headers[name] ?? []), value];
    else if (before === undefined) this.#headers[name] = value;
    else if (name === 'content-length' && before !== value) throw new Error('the response has two lengths');
    else if (!singleFields.has(name)) this.#headers[name] = `${String(before)}, ${value}`;
  }

  #beginBody(): void {
    const { connection = '', 'content-length': length, 'transfer-encoding': coding } = this.#headers;
    if (this.#status === 101) throw new Error('the peer goes over to another protocol');
    if (this.#status < 200) {
      // What the response itself says is still to come.
      this.#headers = {};
      this.#step = 'status';
      return;
    }
    if (/(?:^|,)[ \t]*close[ \t]*(?:,|$)/i.test(connection)) this.#keepsConnection = false;
    else if (/(?:^|,)[ \t]*keep-alive[ \t]*(?:,|$)/i.test(connection)) this.#keepsConnection = true;
    const hasBody = this.#method !== 'HEAD' && this.#status !== 204 && this.#status !== 304;
    this.#lineBytes = 0;
    if (!hasBody) this.#step = 'done';
    else if (this.#isChunked) {
      this.#step = 'chunk size';
      // Whoever sends both lengths is not to be trusted with where the next response begins.
      if (length !== undefined) this.#keepsConnection = false;
    } else if (coding === undefined && length !== undefined) {
      if (!/^\d{1,15}$/.test(length)) throw new Error(`the response has the length ${JSON.stringify(length)}`);
      this.#left = Number(length);
      this.#step = this.#left === 0 ? 'done' : 'body';
    } else {
      this.#left = Infinity;
      this.#keepsConnection = false;
      this.#step = 'body';
    }
  }

  #takeChunkSize(line: string): void {
    const [, digits] = /^([\da-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line) ?? [];
    if (digits === undefined) throw new Error('a chunk of the response has no length');
    this.#lineBytes = 0;
    this.#left = Number.parseInt(digits, 16);
    this.#step = this.#left === 0 ? 'trailer' : 'body';
  }
}
