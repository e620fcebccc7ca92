import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { AttributeList } from './attribute-list.ts';
import { CheckedReader } from './checked-reader.ts';

/** Tags of the fields that all levels have: the resource or scope, and what lies below. */
const level = { own: 0x0a, below: 0x12 };

const scopeTag = { name: 0x0a, version: 0x12 };
const resourceAttributes = 0x0a;

/** A part of the bytes. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * What the cursors over spans, data points and log records share: they go through a batch by `nextResource`, in it
 * `nextScope`, and in it from item to item. What they show are ranges of `bytes` that hold until the next step; nothing
 * is built. An id is the offset of its bytes, -1 if empty.
 */
export abstract class ResourceCursor {
  /** The chunk that the ranges are of. */
  bytes: Buffer = emptyChunk;
  /** Of the resource. */
  readonly resource = new AttributeList();
  /** The whole ResourceSpans, ResourceMetrics or ResourceLogs message. */
  readonly message: ByteRange = { start: 0, end: 0 };
  /** The Resource message; empty if there is none. */
  readonly resourceRange: ByteRange = { start: 0, end: 0 };
  /** The InstrumentationScope message; empty if there is none. */
  readonly scopeRange: ByteRange = { start: 0, end: 0 };
  readonly scopeName: ByteRange = { start: 0, end: 0 };
  readonly scopeVersion: ByteRange = { start: 0, end: 0 };
  protected readonly reader = new CheckedReader();
  #chunks: readonly Buffer[] = [];
  #chunk = 0;
  #at = 0;
  #scopeAt = 0;
  #itemAt = 0;
  #itemsEnd = 0;

  open({ chunks }: OtlpBatch): void {
    this.#chunks = chunks;
    this.#chunk = -1;
    this.#at = 0;
    this.bytes = emptyChunk;
  }

  nextResource(): boolean {
    const { reader } = this;
    for (;;) {
      while (this.#at >= this.bytes.length) {
        const chunk = this.#chunks[++this.#chunk];
        if (chunk === undefined) {
          // The batch is not kept by what has read it.
          this.#chunks = [];
          return false;
        }
        this.bytes = reader.bytes = chunk;
        this.#at = 0;
      }
      reader.at = this.#at;
      const tag = reader.varint();
      if (tag !== level.own) {
        reader.skip(tag);
        this.#at = reader.at;
        continue;
      }
      const length = reader.varint();
      this.enterResource(this.#chunk, reader.at, reader.at + length);
      this.#readResource();
      return true;
    }
  }

  nextScope(): boolean {
    const { reader } = this;
    const { end } = this.message;
    reader.at = this.#scopeAt;
    while (reader.at < end) {
      const tag = reader.varint();
      if (tag === level.below) {
        const length = reader.varint();
        this.enterScope(reader.at, reader.at + length);
        this.#readScope();
        return true;
      }
      reader.skip(tag);
    }
    this.#scopeAt = end;
    return false;
  }

  /** Goes to the fields of the next item of the scope, and returns where they end; -1 if there is none. */
  protected nextItem(): number {
    const { reader } = this;
    const end = this.#itemsEnd;
    reader.at = this.#itemAt;
    while (reader.at < end) {
      const tag = reader.varint();
      if (tag === level.below) {
        const length = reader.varint();
        this.#itemAt = reader.at + length;
        return this.#itemAt;
      }
      reader.skip(tag);
    }
    this.#itemAt = end;
    return -1;
  }

  /** Goes to the beginning of a ResourceSpans or the like in a chunk. */
  protected enterResource(chunk: number, start: number, end: number): void {
    this.#chunk = chunk;
    this.bytes = this.reader.bytes = this.#chunks[chunk] ?? emptyChunk;
    this.message.start = this.#scopeAt = start;
    this.message.end = this.#at = end;
    this.resource.clear(this.bytes);
    this.resourceRange.start = this.resourceRange.end = start;
  }

  /** Goes to the beginning of a ScopeSpans or the like in the resource. */
  protected enterScope(start: number, end: number): void {
    const { scopeRange, scopeName, scopeVersion } = this;
    this.#itemAt = start;
    this.#itemsEnd = this.#scopeAt = end;
    scopeRange.start = scopeRange.end = start;
    scopeName.start = scopeName.end = scopeVersion.start = scopeVersion.end = start;
  }

  /** Goes to behind an item of the scope. */
  protected passItem(end: number): void {
    this.#itemAt = end;
  }

  /** Reads a Resource message. */
  protected readResourceIn(start: number, end: number): void {
    const { reader, resource, resourceRange } = this;
    resourceRange.start = reader.at = start;
    resourceRange.end = end;
    while (reader.at < end) {
      const field = reader.varint();
      if (field === resourceAttributes) this.attribute(resource);
      else reader.skip(field);
    }
  }

  /** Reads an InstrumentationScope message. */
  protected readScopeIn(start: number, end: number): void {
    const { reader, scopeRange, scopeName, scopeVersion } = this;
    scopeRange.start = reader.at = start;
    scopeRange.end = end;
    while (reader.at < end) {
      const field = reader.varint();
      if (field === scopeTag.name) this.range(scopeName);
      else if (field === scopeTag.version) this.range(scopeVersion);
      else reader.skip(field);
    }
  }

  /** The resource may stand after the scopes. */
  #readResource(): void {
    const { reader } = this;
    const { start, end } = this.message;
    reader.at = start;
    while (reader.at < end) {
      const tag = reader.varint();
      if (tag === level.own) {
        const length = reader.varint();
        this.readResourceIn(reader.at, reader.at + length);
      } else reader.skip(tag);
    }
  }

  /** As above. */
  #readScope(): void {
    const { reader } = this;
    reader.at = this.#itemAt;
    while (reader.at < this.#itemsEnd) {
      const tag = reader.varint();
      if (tag === level.own) {
        const length = reader.varint();
        this.readScopeIn(reader.at, reader.at + length);
      } else reader.skip(tag);
    }
  }

  /** The offset of an id; -1 if it is empty or all zero, which means the same. */
  protected id(): number {
    const { reader, bytes } = this;
    const length = reader.varint();
    const start = reader.at;
    reader.at = start + length;
    for (let at = start; at < reader.at; at++) if (bytes[at] !== 0) return start;
    return -1;
  }

  protected range(range: ByteRange): void {
    const { reader } = this;
    const length = reader.varint();
    range.start = reader.at;
    range.end = reader.at = range.start + length;
  }

  protected attribute(list: AttributeList): void {
    const { reader } = this;
    const length = reader.varint();
    const start = reader.at;
    reader.at = start + length;
    list.add(start, reader.at);
  }
}

const emptyChunk = Buffer.alloc(0);
