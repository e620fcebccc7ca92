import { varintSize } from '../../base/varint.ts';
import type { OtlpBatch, OtlpKind } from '../../model/otlp-batch.ts';
import { CheckedReader } from './checked-reader.ts';
import { wrapField } from './wrap-field.ts';

/**
 * The tags of what lies in each other, from the fields of a request down to the items. All else in a message is its head,
 * which each part of the message gets.
 */
const levels: Readonly<Record<OtlpKind, readonly (readonly number[])[]>> = {
  traces: [[0x0a], [0x12], [0x12]],
  logs: [[0x0a], [0x12], [0x12]],
  // Resource, scope, metric, one of the types of data, data point.
  metrics: [[0x0a], [0x12], [0x12], [0x2a, 0x3a, 0x4a, 0x52, 0x5a], [0x0a]],
};

/** What parts are measured by: their items, or the bytes they take as a request. */
export type Sizer = 'items' | 'bytes';

/** A message that is taken apart: what is left of it is its inner message that is open, and what begins at `at`. */
interface OpenMessage {
  readonly level: number;
  readonly tag: number;
  readonly bytes: Buffer;
  readonly end: number;
  readonly head: readonly Buffer[];
  at: number;
  inner: OpenMessage | undefined;
}

/**
 * Takes a batch apart from the front, in order. What lies within one part is not copied; where a resource, scope or metric
 * is divided, each part gets its head. All in all, many parts cost hardly more than two.
 */
export class OtlpSplitter {
  /** The items that are left. */
  left: number;
  readonly #batch: OtlpBatch;
  readonly #sizer: Sizer;
  readonly #levels: readonly (readonly number[])[];
  readonly #reader = new CheckedReader();
  #nextChunk = 0;
  #chunk: OpenMessage | undefined;
  /** The items of the part that is being made; not counted where it is all that is left. */
  #taken = 0;
  #isCounting = true;
  /** The field that was read last. `valueStart` is for inner messages. */
  readonly #field = { tag: 0, valueStart: 0, next: 0 };

  constructor(batch: OtlpBatch, sizer: Sizer = 'items') {
    this.left = batch.count;
    this.#batch = batch;
    this.#sizer = sizer;
    this.#levels = levels[batch.kind];
  }

  /** Takes as much as fits; undefined if nothing is left, or what comes is too large for a part. */
  take(atMost: number): OtlpBatch | undefined {
    const chunks: Buffer[] = [];
    this.#taken = 0;
    this.#isCounting = this.#sizer === 'bytes' || atMost < this.left;
    for (let room = atMost; room > 0;) {
      const chunk = this.#openChunk();
      if (chunk === undefined) break;
      const before = this.#taken;
      const parts = this.#takeFrom(chunk, room);
      for (const part of parts) chunks.push(part);
      if (!isEmpty(chunk)) break;
      this.#chunk = undefined;
      room -= this.#sizer === 'items' ? this.#taken - before : sizeOf(parts);
    }
    const count = this.#isCounting ? this.#taken : this.left;
    this.left -= count;
    return chunks.length === 0 ? undefined : { ...this.#batch, chunks, count };
  }

  /** Passes over what comes if that is too large for any part; returns how many items that was: one, or none. */
  skip(): number {
    const chunk = this.#openChunk();
    if (chunk === undefined) return 0;
    const skipped = this.#skipIn(chunk);
    if (isEmpty(chunk)) this.#chunk = undefined;
    this.left -= skipped;
    return skipped;
  }

  #openChunk(): OpenMessage | undefined {
    const bytes = this.#batch.chunks[this.#nextChunk];
    if (this.#chunk === undefined && bytes !== undefined) {
      this.#nextChunk++;
      this.#chunk = { level: 0, tag: 0, bytes, at: 0, end: bytes.length, head: [], inner: undefined };
    }
    return this.#chunk;
  }

  /** Takes from the content of a message, without its head. */
  #takeFrom(open: OpenMessage, atMost: number): Buffer[] {
    const parts: Buffer[] = [];
    const { bytes, end, level } = open;
    let room = atMost - this.#takeInner(open, atMost, parts);
    if (open.inner !== undefined) return parts;
    let from = open.at;
    if (level === 0 && !this.#isCounting) open.at = end;
    while (room > 0 && open.at < end) {
      const start = open.at;
      const isInner = this.#readField(open, open.at);
      const { valueStart, next } = this.#field;
      if (!isInner) {
        if (start > from) parts.push(bytes.subarray(from, start));
        from = open.at = next;
        continue;
      }
      const items = this.#isCounting ? this.#itemsIn(bytes, level + 1, valueStart, next) : 0;
      const cost = this.#sizer === 'items' ? items : next - start;
      if (cost > room) {
        if (level === this.#levels.length - 1) break;
        if (start > from) parts.push(bytes.subarray(from, start));
        this.#openInner(open);
        this.#takeInner(open, room, parts);
        return parts;
      }
      room -= cost;
      this.#taken += items;
      open.at = next;
    }
    if (open.at > from) parts.push(bytes.subarray(from, open.at));
    return parts;
  }

  /** Takes from the inner message that is open, if one is, and closes it behind its end. Returns what that took of the room. */
  #takeInner(open: OpenMessage, room: number, parts: Buffer[]): number {
    const { inner } = open;
    if (inner === undefined) return 0;
    const before = this.#taken;
    const content = this.#takeFrom(inner, this.#sizer === 'items' ? room : roomInside(room) - sizeOf(inner.head));
    if (isEmpty(inner)) open.inner = undefined;
    if (content.length === 0) return 0;
    const field = wrapField(inner.tag, [...inner.head, ...content]);
    parts.push(field);
    return this.#sizer === 'items' ? this.#taken - before : field.length;
  }

  #skipIn(open: OpenMessage): number {
    let skipped = 0;
    if (open.inner === undefined) {
      let isInner = false;
      while (!isInner && open.at < open.end) {
        isInner = this.#readField(open, open.at);
        if (!isInner) open.at = this.#field.next;
      }
      if (!isInner) return 0;
      if (open.level === this.#levels.length - 1) {
        open.at = this.#field.next;
        return 1;
      }
      this.#openInner(open);
    }
    if (open.inner !== undefined) {
      skipped = this.#skipIn(open.inner);
      if (isEmpty(open.inner)) open.inner = undefined;
    }
    return skipped;
  }

  /** Opens the message that was read last. */
  #openInner(open: OpenMessage): void {
    const { bytes } = open;
    const { tag, valueStart, next } = this.#field;
    const head: Buffer[] = [];
    const inner = { level: open.level + 1, tag, bytes, at: valueStart, end: next, head, inner: undefined };
    for (let at = valueStart; at < next; at = this.#field.next) {
      if (!this.#readField(inner, at)) head.push(bytes.subarray(at, this.#field.next));
    }
    open.inner = inner;
    open.at = next;
  }

  #itemsIn(bytes: Buffer, level: number, start: number, end: number): number {
    const tags = this.#levels[level];
    if (tags === undefined) return 1;
    const reader = this.#reader;
    let items = 0;
    reader.bytes = bytes;
    reader.at = start;
    while (reader.at < end) {
      const tag = reader.varint();
      if (tags.includes(tag)) {
        const length = reader.varint();
        const next = reader.at + length;
        items += this.#itemsIn(bytes, level + 1, reader.at, next);
        reader.at = next;
      } else reader.skip(tag);
    }
    return items;
  }

  /** Reads the field of a message that begins there; says whether it is an inner message. */
  #readField({ bytes, level }: OpenMessage, at: number): boolean {
    const reader = this.#reader;
    const field = this.#field;
    reader.bytes = bytes;
    reader.at = at;
    field.tag = reader.varint();
    const isInner = this.#levels[level]?.includes(field.tag) ?? false;
    if (isInner) {
      const length = reader.varint();
      field.valueStart = reader.at;
      reader.at += length;
    } else reader.skip(field.tag);
    field.next = reader.at;
    return isInner;
  }
}

function isEmpty({ at, end, inner }: OpenMessage): boolean {
  return at === end && inner === undefined;
}

function sizeOf(parts: readonly Buffer[]): number {
  return parts.reduce((size, part) => size + part.length, 0);
}

/** How long the value of a field may be that takes no more than some bytes with its tag of one byte and its length. */
function roomInside(size: number): number {
  let length = size - 2;
  while (length > 0 && 1 + varintSize(length) + length > size) length--;
  return length;
}
