import { latin1 } from '../../base/bytes.ts';
import { Http2Error, http2Codes } from './codes.ts';
import { HeaderTable, sizeOf, type HeaderField } from './header-table.ts';
import { decodeHuffman } from './huffman.ts';

/** Header fields by their names, which are in lower case. Several of one name are a list. */
export type Http2Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The value of a field; several are put together with commas, as HTTP has it. */
export function fieldOf(headers: Http2Headers, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'object' ? value.join(', ') : value;
}

/** Why headers are not there: they are larger than they may be, or break the rules of HTTP. */
export type HeaderProblem = 'too large' | 'malformed';

/** What both sides of a connection may learn. */
const tableSize = 4096;

const wellFormedName = /^:?[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const endsOfValues = ['\0', '\r', '\n'];

/** Reads the header blocks of one connection, RFC 7541, in the order in which they come. */
export class HeaderDecoder {
  readonly #table = new HeaderTable(tableSize);
  readonly #maxSize: number;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;

  /** Headers may have so many bytes, as a table counts them. */
  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** Throws an Http2Error if the block cannot be read, and then none after it can. */
  decode(bytes: Buffer, start: number, end: number): Http2Headers | HeaderProblem {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    const headers = Object.create(null) as Fields;
    let size = 0;
    let isValid = true;
    let hasBegun = false;
    while (this.#at < this.#end) {
      const first = bytes[this.#at] as number;
      if ((first & 0xe0) === 0x20) {
        if (hasBegun) throw malformed();
        this.#table.resize(this.#integer(0x1f));
        continue;
      }
      hasBegun = true;
      const field = first >= 0x80 ? this.#table.get(this.#integer(0x7f)) : this.#literal(first);
      size += sizeOf(field);
      if (!field.isValid) isValid = false;
      // The table must follow to the end, whatever becomes of the headers.
      if (size <= this.#maxSize) put(headers, field);
    }
    if (size > this.#maxSize) return 'too large';
    return isValid ? headers : 'malformed';
  }

  #literal(first: number): HeaderField {
    const isLearned = first >= 0x40;
    const number = this.#integer(isLearned ? 0x3f : 0x0f);
    const name = number === 0 ? this.#string() : this.#table.get(number).name;
    const value = this.#string();
    const field = { name, value, isValid: wellFormedName.test(name) && isValue(value) };
    if (isLearned) this.#table.add(field);
    return field;
  }

  /** An integer whose first bits are those of a mask in the next byte. */
  #integer(mask: number): number {
    let value = this.#byte() & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 21; shift += 7) {
      const byte = this.#byte();
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw malformed();
  }

  #string(): string {
    const isCompressed = ((this.#bytes[this.#at] as number) & 0x80) !== 0;
    const length = this.#integer(0x7f);
    const start = this.#at;
    this.#at += length;
    if (this.#at > this.#end) throw malformed();
    return isCompressed ? decodeHuffman(this.#bytes, start, this.#at) : latin1(this.#bytes, start, this.#at);
  }

  #byte(): number {
    if (this.#at >= this.#end) throw malformed();
    return this.#bytes[this.#at++] as number;
  }
}

function isValue(text: string): boolean {
  return !endsOfValues.some((end) => text.includes(end));
}

type Fields = Record<string, string | string[] | undefined>;

function put(headers: Fields, { name, value }: HeaderField): void {
  const before = headers[name];
  if (before === undefined) headers[name] = value;
  else if (typeof before === 'object') before.push(value);
  else headers[name] = [before, value];
}

function malformed(): Http2Error {
  return new Http2Error(http2Codes.compressionError, 'a block of headers is malformed');
}
