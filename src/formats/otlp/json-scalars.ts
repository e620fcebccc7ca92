import { latin1 } from '../../base/bytes.ts';
import { writeVarint } from '../../base/varint.ts';
import type { JsonCursor } from '../json/json-cursor.ts';
import type { MessageWriter } from '../protobuf/message-writer.ts';
import type { JsonField } from './json-fields.ts';

/** What values a type of integers has. */
const ranges: Readonly<Record<string, readonly [lowest: bigint, highest: bigint]>> = {
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  sfixed64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
  fixed64: [0n, 2n ** 64n - 1n],
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  sint32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  fixed32: [0n, 2n ** 32n - 1n],
};

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** As JSON has numbers, apart from what says nothing. */
const numeric = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const specials: ReadonlySet<string> = new Set(['NaN', 'Infinity', '-Infinity']);
/** An integer that is exact as a float. */
const shortInteger = /^-?\d{1,15}$/;
/** No number that is meant has more digits. */
const maxDigits = 400;

/** Writes the values of fields that are no messages, from where a cursor stands to where a writer stands. */
export class JsonScalars {
  /** What the cursor walks through. */
  bytes: Buffer = Buffer.alloc(0);
  /** A number before it is written. */
  readonly #element = Buffer.alloc(10);
  readonly #cursor: JsonCursor;
  readonly #out: MessageWriter;

  constructor(cursor: JsonCursor, out: MessageWriter) {
    this.#cursor = cursor;
    this.#out = out;
  }

  /** Passes over a value and writes it; tells what should be there if it is not. */
  write(field: JsonField): string | undefined {
    const { type, tag, packedTag } = field;
    switch (type) {
      case 'string':
        return this.#string(tag);
      case 'bytes':
        return this.#bytes(tag);
      case 'trace id':
        return this.#id(tag, 16);
      case 'span id':
        return this.#id(tag, 8);
      case 'bool':
        return this.#bool(tag);
      case 'double':
        return this.#double(packedTag === undefined ? tag : undefined);
      default: {
        const value = field.enum === undefined ? this.#integer(type) : this.#enum(field.enum);
        if (typeof value === 'string') return value;
        this.#writeInteger(type, packedTag === undefined ? tag : undefined, value);
        return undefined;
      }
    }
  }

  #string(tag: number): string | undefined {
    const cursor = this.#cursor;
    if (!cursor.readString()) return 'a string';
    cursor.unescape();
    this.#out.bytes(tag, this.bytes, cursor.start, cursor.end);
    return undefined;
  }

  #bytes(tag: number): string | undefined {
    const text = this.#text();
    if (text === undefined || !base64.test(text)) return 'base64 in a string';
    const value = Buffer.from(text, 'base64');
    this.#out.bytes(tag, value, 0, value.length);
    return undefined;
  }

  #id(tag: number, length: number): string | undefined {
    const text = this.#text();
    const id = Buffer.from(text ?? '', 'hex');
    // What is no hexadecimal number ends early.
    if (text === undefined || id.length * 2 !== text.length || (id.length !== length && id.length > 0))
      return `${2 * length} hexadecimal digits in a string`;
    this.#out.bytes(tag, id, 0, id.length);
    return undefined;
  }

  #bool(tag: number): string | undefined {
    const literal = this.#literal();
    if (literal !== 'true' && literal !== 'false') return 'true or false';
    this.#out.varint(tag, literal === 'true' ? 1 : 0);
    return undefined;
  }

  #double(tag: number | undefined): string | undefined {
    const text = this.#text() ?? this.#literal();
    const value = Number(text);
    if (!specials.has(text) && !(numeric.test(text) && Number.isFinite(value))) return 'a number';
    const out = this.#out;
    if (tag !== undefined) out.double(tag, value);
    else out.raw(this.#element, 0, this.#element.writeDoubleLE(value));
    return undefined;
  }

  #enum(names: readonly string[]): number | bigint | string {
    const name = this.#text();
    if (name === undefined) return this.#integer('int32');
    const number = names.indexOf(name);
    return number >= 0 ? number : `a number or one of ${names.join(', ')}`;
  }

  /** An integer as a number or text; `1e3` and `1.0` are some too. Large ones are a bigint. */
  #integer(type: string): number | bigint | string {
    const value = integerOf(this.#text() ?? this.#literal());
    const [lowest, highest] = ranges[type] ?? [0n, 0n];
    if (value !== undefined && value >= lowest && value <= highest) return value;
    return `an integer from ${lowest} to ${highest}`;
  }

  /** Without a tag it is one of several numbers in one field. */
  #writeInteger(type: string, tag: number | undefined, value: number | bigint): void {
    if (tag !== undefined) this.#out.rawVarint(tag);
    this.#out.raw(this.#element, 0, writeInteger(type, this.#element, value));
  }

  /** A string without escapes; undefined if there is none. */
  #text(): string | undefined {
    const cursor = this.#cursor;
    if (!cursor.readString()) return undefined;
    cursor.unescape();
    return latin1(this.bytes, cursor.start, cursor.end);
  }

  /** A number, true or false as it is written; empty if there is something else. */
  #literal(): string {
    const cursor = this.#cursor;
    const { at } = cursor;
    const first = this.bytes[at] ?? 0;
    if (first === 0x7b || first === 0x5b || !cursor.skipValue()) return '';
    return latin1(this.bytes, at, cursor.at);
  }
}

function integerOf(text: string): number | bigint | undefined {
  if (shortInteger.test(text)) return Number(text);
  if (text.length > maxDigits || !numeric.test(text)) return undefined;
  if (!/[.eE]/.test(text)) return BigInt(text);
  const value = Number(text);
  return Number.isInteger(value) ? BigInt(value) : undefined;
}

/** Writes an integer as a type has it, and returns how many bytes that takes. */
function writeInteger(type: string, to: Buffer, value: number | bigint): number {
  switch (type) {
    case 'fixed64':
      return to.writeBigUInt64LE(BigInt(value));
    case 'sfixed64':
      return to.writeBigInt64LE(BigInt(value));
    case 'fixed32':
      return to.writeUInt32LE(Number(value));
    case 'sint32':
      return writeVarint(to, 0, value < 0 ? -2 * Number(value) - 1 : 2 * Number(value));
    default:
      if (typeof value === 'number' && value >= 0) return writeVarint(to, 0, value);
      return writeVarint64(to, BigInt.asUintN(64, BigInt(value)));
  }
}

function writeVarint64(to: Buffer, value: bigint): number {
  let at = 0;
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) to[at++] = Number(rest & 0x7fn) | 0x80;
  to[at++] = Number(rest);
  return at;
}
