import { wireType } from '../protobuf/field-reader.ts';
import { AttributeList } from './attribute-list.ts';
import { ResourceCursor, type ByteRange } from './resource-cursor.ts';

export type { ByteRange } from './resource-cursor.ts';

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

const statusCode = 0x18;
const eventTag = { name: 0x12, attributes: 0x1a };

export const spanKind = { unspecified: 0, internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
export const spanStatus = { unset: 0, ok: 1, error: 2 } as const;

/** Goes through the spans of a batch: `nextResource`, in it `nextScope`, in it `nextSpan`, in it `nextEvent`. */
export class SpanCursor extends ResourceCursor {
  /** The whole ResourceSpans message. */
  readonly resourceSpans: ByteRange = this.message;
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
  #event = 0;

  nextSpan(): boolean {
    const end = this.nextItem();
    if (end < 0) return false;
    this.#readSpan(end);
    return true;
  }

  /** Goes to the next span without a parent. Cheaper than looking at all of them. */
  nextRoot(): boolean {
    for (;;) {
      const end = this.nextItem();
      if (end < 0) return false;
      const start = this.reader.at;
      if (this.#hasParent(end)) continue;
      this.reader.at = start;
      this.#readSpan(end);
      return true;
    }
  }

  nextEvent(): boolean {
    const start = this.eventRanges[this.#event];
    const end = this.eventRanges[this.#event + 1];
    if (start === undefined || end === undefined) return false;
    this.#event += 2;
    const { reader, eventName, eventAttributes } = this;
    eventAttributes.clear(this.bytes);
    eventName.start = eventName.end = start;
    reader.at = start;
    while (reader.at < end) {
      const tag = reader.varint();
      if (tag === eventTag.name) this.range(eventName);
      else if (tag === eventTag.attributes) this.attribute(eventAttributes);
      else reader.skip(tag);
    }
    return true;
  }

  /** How long the span took; negative if it ends before it starts. Exact up to 2^53. */
  get durationNanos(): number {
    return (this.endHigh - this.startHigh) * 0x1_0000_0000 + (this.endLow - this.startLow);
  }

  #hasParent(end: number): boolean {
    const { reader } = this;
    while (reader.at < end) {
      const tag = reader.varint();
      if (tag !== spanTag.parentSpanId) reader.skip(tag);
      else if (this.id() >= 0) return true;
    }
    return false;
  }

  /** What all spans have is read right here, with lengths of one byte at a glance; this is where the time goes. */
  #readSpan(end: number): void {
    const { reader, bytes, attributes, name, traceState, eventRanges, linkRanges } = this;
    let { at } = reader;
    attributes.clear(bytes);
    this.traceId = this.spanId = this.parentSpanId = -1;
    traceState.start = traceState.end = name.start = name.end = at;
    this.kind = this.status = 0;
    this.startLow = this.startHigh = this.endLow = this.endHigh = 0;
    if (eventRanges.length > 0) eventRanges.length = 0;
    if (linkRanges.length > 0) linkRanges.length = 0;
    this.#event = 0;
    while (at < end) {
      const tag = bytes[at] ?? 0;
      if (tag === spanTag.start) {
        this.startLow = uint32(bytes, at + 1);
        this.startHigh = uint32(bytes, at + 5);
        at += 9;
        continue;
      }
      if (tag === spanTag.end) {
        this.endLow = uint32(bytes, at + 1);
        this.endHigh = uint32(bytes, at + 5);
        at += 9;
        continue;
      }
      const length = bytes[at + 1] ?? 0;
      if (length >= 0x80 || tag >= 0x80 || tag === spanTag.kind || (tag & 7) !== wireType.bytes) {
        reader.at = at;
        this.#readField(reader.varint());
        at = reader.at;
        continue;
      }
      const start = at + 2;
      at = start + length;
      switch (tag) {
        case spanTag.attributes:
          attributes.add(start, at);
          break;
        case spanTag.traceId:
          this.traceId = isZero(bytes, start, at) ? -1 : start;
          break;
        case spanTag.spanId:
          this.spanId = isZero(bytes, start, at) ? -1 : start;
          break;
        case spanTag.parentSpanId:
          this.parentSpanId = isZero(bytes, start, at) ? -1 : start;
          break;
        case spanTag.name:
          name.start = start;
          name.end = at;
          break;
        case spanTag.traceState:
          traceState.start = start;
          traceState.end = at;
          break;
        case spanTag.events:
          eventRanges.push(start, at);
          break;
        case spanTag.links:
          linkRanges.push(start, at);
          break;
        case spanTag.status:
          this.#readStatus(start, at);
          break;
      }
    }
    reader.at = end;
  }

  /** Reads a field that is longer, or seldom there. */
  #readField(tag: number): void {
    const { reader } = this;
    switch (tag) {
      case spanTag.traceState:
        this.range(this.traceState);
        break;
      case spanTag.name:
        this.range(this.name);
        break;
      case spanTag.kind:
        this.kind = reader.varint();
        break;
      case spanTag.attributes:
        this.attribute(this.attributes);
        break;
      case spanTag.events:
        this.#pair(this.eventRanges);
        break;
      case spanTag.links:
        this.#pair(this.linkRanges);
        break;
      case spanTag.status: {
        const length = reader.varint();
        this.#readStatus(reader.at, reader.at + length);
        break;
      }
      default:
        reader.skip(tag);
    }
  }

  #readStatus(start: number, end: number): void {
    const { reader } = this;
    reader.at = start;
    while (reader.at < end) {
      const tag = reader.varint();
      if (tag === statusCode) this.status = reader.varint();
      else reader.skip(tag);
    }
  }

  #pair(ranges: number[]): void {
    const { reader } = this;
    const length = reader.varint();
    const start = reader.at;
    reader.at = start + length;
    ranges.push(start, reader.at);
  }
}

/** Buffer has this too, with checks that cost more than reading. */
function uint32(bytes: Buffer, at: number): number {
  return (
    ((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)) >>> 0
  );
}

function isZero(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}
