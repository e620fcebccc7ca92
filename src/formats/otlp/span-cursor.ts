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

  #readSpan(end: number): void {
    const { reader, bytes, attributes, name, traceState, eventRanges, linkRanges } = this;
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
          this.traceId = this.id();
          break;
        case spanTag.spanId:
          this.spanId = this.id();
          break;
        case spanTag.traceState:
          this.range(traceState);
          break;
        case spanTag.parentSpanId:
          this.parentSpanId = this.id();
          break;
        case spanTag.name:
          this.range(name);
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
          this.attribute(attributes);
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
    const { reader } = this;
    const length = reader.varint();
    const end = reader.at + length;
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
