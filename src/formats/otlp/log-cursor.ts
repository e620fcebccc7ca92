import { AttributeList } from './attribute-list.ts';
import { ResourceCursor, type ByteRange } from './resource-cursor.ts';

const recordTag = {
  time: 0x09,
  severityNumber: 0x10,
  severityText: 0x1a,
  body: 0x2a,
  attributes: 0x32,
  flags: 0x45,
  traceId: 0x4a,
  spanId: 0x52,
  observedTime: 0x59,
};

/** Goes through the log records of a batch: `nextResource`, in it `nextScope`, in it `nextRecord`. */
export class LogCursor extends ResourceCursor {
  /** The whole LogRecord message. */
  readonly record: ByteRange = { start: 0, end: 0 };
  /** Nanoseconds since 1970, in two halves of 32 bits; zero if not known. */
  timeLow = 0;
  timeHigh = 0;
  observedLow = 0;
  observedHigh = 0;
  severityNumber = 0;
  readonly severityText: ByteRange = { start: 0, end: 0 };
  /** The AnyValue message; empty for the empty value. */
  readonly body: ByteRange = { start: 0, end: 0 };
  readonly attributes = new AttributeList();
  flags = 0;
  traceId = -1;
  spanId = -1;

  nextRecord(): boolean {
    const end = this.nextItem();
    if (end < 0) return false;
    this.#readRecord(end);
    return true;
  }

  #readRecord(end: number): void {
    const { reader, bytes, attributes, record, severityText, body } = this;
    attributes.clear(bytes);
    record.start = reader.at;
    record.end = end;
    this.traceId = this.spanId = -1;
    severityText.start = severityText.end = body.start = body.end = reader.at;
    this.severityNumber = this.flags = 0;
    this.timeLow = this.timeHigh = this.observedLow = this.observedHigh = 0;
    while (reader.at < end) {
      const tag = reader.varint();
      switch (tag) {
        case recordTag.time:
          this.timeLow = bytes.readUInt32LE(reader.at);
          this.timeHigh = bytes.readUInt32LE(reader.at + 4);
          reader.at += 8;
          break;
        case recordTag.severityNumber:
          this.severityNumber = reader.varint();
          break;
        case recordTag.severityText:
          this.range(severityText);
          break;
        case recordTag.body:
          this.range(body);
          break;
        case recordTag.attributes:
          this.attribute(attributes);
          break;
        case recordTag.flags:
          this.flags = bytes.readUInt32LE(reader.at);
          reader.at += 4;
          break;
        case recordTag.traceId:
          this.traceId = this.id();
          break;
        case recordTag.spanId:
          this.spanId = this.id();
          break;
        case recordTag.observedTime:
          this.observedLow = bytes.readUInt32LE(reader.at);
          this.observedHigh = bytes.readUInt32LE(reader.at + 4);
          reader.at += 8;
          break;
        default:
          reader.skip(tag);
      }
    }
  }
}
