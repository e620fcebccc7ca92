import { Http2Error, http2Codes } from './codes.ts';

/** A name and a value, both with one character a byte. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
  /** Whether both may be in a message. */
  readonly isValid: boolean;
}

/** The fields that every connection knows, RFC 7541, appendix A; each line has a name and the values it is there with. */
const known = `:authority
:method GET POST
:path / /index.html
:scheme http https
:status 200 204 206 304 400 404 500
accept-charset
accept-encoding gzip,_deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`;

/** From number 1 on. */
const knownFields: readonly HeaderField[] = known.split('\n').flatMap((line) => {
  const [name = '', ...values] = line.split(' ');
  const fields = values.length === 0 ? [''] : values;
  return fields.map((value) => ({ name, value: value.replace('_', ' '), isValid: true }));
});

/** The first number of a known name. */
export const knownNames: ReadonlyMap<string, number> = new Map(
  knownFields.map(({ name }, index): [string, number] => [name, index + 1]).toReversed(),
);

/** What a field takes in a table beside its name and value. */
export const fieldOverhead = 32;

/** The fields that a connection has learned from its peer. */
export class HeaderTable {
  readonly #largest: number;
  /** What was learned last is at the end. */
  readonly #learned: HeaderField[] = [];
  #size = 0;
  #maxSize: number;

  /** The peer may make it smaller, and at most so large again. */
  constructor(largest: number) {
    this.#largest = largest;
    this.#maxSize = largest;
  }

  get(number: number): HeaderField {
    const field = knownFields[number - 1] ?? this.#learned[this.#learned.length - (number - knownFields.length)];
    if (field === undefined) throw new Http2Error(http2Codes.compressionError, `there is no header field ${number}`);
    return field;
  }

  add(field: HeaderField): void {
    this.#learned.push(field);
    this.#size += sizeOf(field);
    this.#evict();
  }

  resize(maxSize: number): void {
    if (maxSize > this.#largest)
      throw new Http2Error(http2Codes.compressionError, 'the table of headers gets too large');
    this.#maxSize = maxSize;
    this.#evict();
  }

  #evict(): void {
    while (this.#size > this.#maxSize) {
      const oldest = this.#learned.shift();
      this.#size -= oldest === undefined ? 0 : sizeOf(oldest);
    }
  }
}

export function sizeOf({ name, value }: HeaderField): number {
  return name.length + value.length + fieldOverhead;
}
