import { MessageWriter } from '../protobuf/message-writer.ts';
import type { EncodedAttributes } from './metric-writer.ts';

const listTag = 0x0a;
const pairTag = { key: 0x0a, value: 0x12 };
const valueTag = { string: 0x0a, bool: 0x10 };

/**
 * Builds lists of attributes in the form that writers of requests take: the bytes of a KeyValueList. Two attributes must
 * not have the same key, which is for the user to see to. It can be used over and over.
 */
export class AttributeWriter {
  readonly #out = new MessageWriter();

  get size(): number {
    return this.#out.size;
  }

  /** What was added, in memory that is written to again after `clear`. */
  get list(): EncodedAttributes {
    return { bytes: this.#out.memory, start: 0, end: this.#out.size };
  }

  /** The same in memory of its own. */
  copy(): EncodedAttributes {
    return { bytes: this.#out.copy(), start: 0, end: this.#out.size };
  }

  clear(): void {
    this.#out.clear();
  }

  /** Adds text. */
  text(key: string, value: string): void {
    const out = this.#out;
    const pair = out.open(listTag);
    out.text(pairTag.key, key);
    const any = out.open(pairTag.value);
    out.text(valueTag.string, value);
    out.close(any);
    out.close(pair);
  }

  /** Adds text that is there as UTF-8. */
  textBytes(key: string, bytes: Buffer, start: number, end: number): void {
    const out = this.#out;
    const pair = out.open(listTag);
    out.text(pairTag.key, key);
    const any = out.open(pairTag.value);
    out.bytes(valueTag.string, bytes, start, end);
    out.close(any);
    out.close(pair);
  }

  bool(key: string, isTrue: boolean): void {
    const out = this.#out;
    const pair = out.open(listTag);
    out.text(pairTag.key, key);
    const any = out.open(pairTag.value);
    out.varint(valueTag.bool, isTrue ? 1 : 0);
    out.close(any);
    out.close(pair);
  }

  /** Adds a value that is there as the bytes of an AnyValue. */
  value(key: string, bytes: Buffer, start: number, end: number): void {
    const out = this.#out;
    const pair = out.open(listTag);
    out.text(pairTag.key, key);
    out.bytes(pairTag.value, bytes, start, end);
    out.close(pair);
  }

  /** Adds an attribute that is there as the bytes of a KeyValue. */
  pair(bytes: Buffer, start: number, end: number): void {
    this.#out.bytes(listTag, bytes, start, end);
  }
}
