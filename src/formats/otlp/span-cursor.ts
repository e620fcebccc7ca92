import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { AttributeList } from './attribute-list.ts';
import { CheckedReader } from './checked-reader.ts';

/** Tags of the fields that all levels have: the resource or scope, and what lies below. */
const level = { own: 0x0a, below: 0x12 };

const spanTag = {
  traceId: 0x0a,
  spanId: 0x12,
  traceState: 0x1a,
  parentSpanId: 0x22,
  name: 0x2a,
  kind: 0x30,
  start: 0x39,
  end: 0x41,
  attributes: 0x4a,
  events: 0x5a,
  links: 0x6a,
  status: 0x7a,
};

const scopeTag = { name: 0x0a, version: 0x12 };
const resourceAttributes = 0x0a;
const statusCode = 0x18;
const eventTag = { name: 0x12, attributes: 0x1a };

export const spanKind = { unspecified: 0, internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
export const spanStatus = { unset: 0, ok: 1, error: 2 } as const;

/** A part of the bytes. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Goes through the spans of a batch: `nextResource`, in it `nextScope`, in it `nextSpan`, in it `nextEvent`. What it shows
 * are ranges of `bytes` that hold until the next step; nothing is built. An id is the offset of its bytes, -1 if empty.
 */
export class SpanCursor {
  /** The chunk that the ranges are of. */
  bytes: Buffer = Buffer.alloc(0);
  /** Of the resource. */
  readonly resource = new AttributeList();
  /** The whole ResourceSpans message. */
  readonly resourceSpans: ByteRange = { start: 0, end: 0 };
  /** The Resource message; empty if there is none. */
  readonly resourceRange: ByteRange = { start: 0, end: 0 };
  readonly scopeName: ByteRange = { start: 0, end: 0 };
  readonly scopeVersion: ByteRange = { start: 0, end: 0 };
  traceId = -1;
  spanId = -1;
  parentSpanId = -1;
  readonly traceState: ByteRange = { start: 0, end: 0 };
  readonly name: ByteRange = { start: 0, end: 0 };
  kind = 0;
  /** Nanoseconds since 1970, in two halves of 32 bits. */
  startLow = 0;
  startHigh = 0;
  endLow = 0;
  endHigh = 0;
  status = 0;
  readonly attributes = new AttributeList();
  /** The Event and Link messages of the span, as pairs of offsets. */
  readonly eventRanges: number[] = [];
  readonly linkRanges: number[] = [];
  readonly eventName: ByteRange = { start: 0, end: 0 };
  readonly eventAttributes = new AttributeList();
  readonly #reader = new CheckedReader();
  #chunks: readonly Buffer[] = [];
  #chunk = 0;
  #at = 0;
  #scopeAt = 0;
  #spanAt = 0;
  #spansEnd = 0;
  #event = 0;

  open({ chunks }: OtlpBatch): void {
    this.#chunks = chunks;
    this.#chunk = -1;
    this.#at = 0;
    this.bytes = emptyChunk;
  }

  nextResource(): boolean {
    const reader = this.#reader;
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
      this.resourceSpans.start = this.#scopeAt = reader.at;
      this.resourceSpans.end = this.#at = reader.at + length;
      this.#readResource();
      return true;
    }
  }

  nextScope(): boolean {
    const reader = this.#reader;
    const { end } = this.resourceSpans;
    reader.at = this.#scopeAt;
    while (reader.at < end) {
      const tag = reader.varint();
      if (tag === level.below) {
        const length = reader.varint();
        this.#spanAt = reader.at;
        this.#spansEnd = this.#scopeAt = reader.at + length;
        this.#readScope();
        return true;
      }
      reader.skip(tag);
    }
    this.#scopeAt = end;
    return false;
  }

  nextSpan(): boolean {
    const reader = this.#reader;
    const end = this.#spansEnd;
    reader.at = this.#spanAt;
    while (reader.at < end) {
      const tag = reader.varint();
      if (tag === level.below) {
        const length = reader.varint();
        this.#spanAt = reader.at + length;
        this.#readSpan(this.#spanAt);
        return true;
      }
      reader.skip(tag);
    }
    this.#spanAt = end;
    return false;
  }

  nextEvent(): boolean {
    const start = this.eventRanges[this.#event];
    const end = this.eventRanges[this.#event + 1];
    if (start === undefined || end === undefined) return false;
    this.#event += 2;
    const reader = this.#reader;
    const { eventName, eventAttributes } = this;
    eventAttributes.clear(this.bytes);
    eventName.start = eventName.end = start;
    reader.at = start;
    while (reader.at < end) {
      const tag = reader.varint();
      if (tag === eventTag.name) this.#range(eventName);
      else if (tag === eventTag.attributes) this.#attribute(eventAttributes);
      else reader.skip(tag);
    }
    return true;
  }

  /** How long the span took; negative if it ends before it starts. Exact up to 2^53. */
  get durationNanos(): number {
    return (this.endHigh - this.startHigh) * 0x1_0000_0000 + (this.endLow - this.startLow);
  }

  /** The resource may stand after the scopes. */
  #readResource(): void {
    const reader = this.#reader;
    const { resource, resourceRange } = this;
    resource.clear(this.bytes);
    resourceRange.start = resourceRange.end = reader.at;
    const { end } = this.resourceSpans;
    while (reader.at < end) {
      const tag = reader.varint();
      if (tag !== level.own) {
        reader.skip(tag);
        continue;
      }
      this.#range(resourceRange);
      const after = reader.at;
      reader.at = resourceRange.start;
      while (reader.at < after) {
        const field = reader.varint();
        if (field === resourceAttributes) this.#attribute(resource);
        else reader.skip(field);
      }
    }
  }

  /** As above. */
  #readScope(): void {
    const reader = this.#reader;
    const { scopeName, scopeVersion } = this;
    scopeName.start = scopeName.end = scopeVersion.start = scopeVersion.end = this.#spanAt;
    while (reader.at < this.#spansEnd) {
      const tag = reader.varint();
      if (tag !== level.own) {
        reader.skip(tag);
        continue;
      }
      const length = reader.varint();
      const after = reader.at + length;
      while (reader.at < after) {
        const field = reader.varint();
        if (field === scopeTag.name) this.#range(scopeName);
        else if (field === scopeTag.version) this.#range(scopeVersion);
        else reader.skip(field);
      }
    }
  }

  #readSpan(end: number): void {
    const reader = this.#reader;
    const { bytes, attributes, name, traceState, eventRanges, linkRanges } = this;
    attributes.clear(bytes);
    this.traceId = this.spanId = this.parentSpanId = -1;
    traceState.start = traceState.end = name.start = name.end = reader.at;
    this.kind = this.status = 0;
    this.startLow = this.startHigh = this.endLow = this.endHigh = 0;
    eventRanges.length = linkRanges.length = 0;
    this.#event = 0;
    while (reader.at < end) {
      const tag = reader.varint();
      switch (tag) {
        case spanTag.traceId:
          this.traceId = this.#id();
          break;
        case spanTag.spanId:
          this.spanId = this.#id();
          break;
        case spanTag.traceState:
          this.#range(traceState);
          break;
        case spanTag.parentSpanId:
          this.parentSpanId = this.#id();
          break;
        case spanTag.name:
          this.#range(name);
          break;
        case spanTag.kind:
          this.kind = reader.varint();
          break;
        case spanTag.start:
          this.startLow = bytes.readUInt32LE(reader.at);
          this.startHigh = bytes.readUInt32LE(reader.at + 4);
          reader.at += 8;
          break;
        case spanTag.end:
          this.endLow = bytes.readUInt32LE(reader.at);
          this.endHigh = bytes.readUInt32LE(reader.at + 4);
          reader.at += 8;
          break;
        case spanTag.attributes:
          this.#attribute(attributes);
          break;
        case spanTag.events:
          this.#pair(eventRanges);
          break;
        case spanTag.links:
          this.#pair(linkRanges);
          break;
        case spanTag.status:
          this.#readStatus();
          break;
        default:
          reader.skip(tag);
      }
    }
  }

  #readStatus(): void {
    const reader = this.#reader;
    const length = reader.varint();
    const end = reader.at + length;
    while (reader.at < end) {
      const tag = reader.varint();
      if (tag === statusCode) this.status = reader.varint();
      else reader.skip(tag);
    }
  }

  /** The offset of an id; -1 if it is empty or all zero, which means the same. */
  #id(): number {
    const reader = this.#reader;
    const length = reader.varint();
    const start = reader.at;
    reader.at = start + length;
    for (let at = start; at < reader.at; at++) if (this.bytes[at] !== 0) return start;
    return -1;
  }

  #range(range: ByteRange): void {
    const reader = this.#reader;
    const length = reader.varint();
    range.start = reader.at;
    range.end = reader.at = range.start + length;
  }

  #attribute(list: AttributeList): void {
    const reader = this.#reader;
    const length = reader.varint();
    const start = reader.at;
    reader.at = start + length;
    list.add(start, reader.at);
  }

  #pair(ranges: number[]): void {
    const reader = this.#reader;
    const length = reader.varint();
    const start = reader.at;
    reader.at = start + length;
    ranges.push(start, reader.at);
  }
}

const emptyChunk = Buffer.alloc(0);
