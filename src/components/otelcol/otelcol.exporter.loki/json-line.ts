import { ByteBuilder } from '../../../base/byte-builder.ts';
import { appendHex } from '../../../base/hex.ts';
import type { LogCursor } from '../../../formats/otlp/log-cursor.ts';
import { ValueCursor } from '../../../formats/otlp/value-cursor.ts';
import { appendJson, appendJsonMap, appendJsonText } from '../../../formats/otlp/value-json.ts';

const [openBrace, closeBrace, quote, comma] = [0x7b, 0x7d, 0x22, 0x2c];

/** Writes lines in the format `json`. */
export class JsonLines {
  readonly #value = new ValueCursor();
  /** What the last records had of their resource, and as which text. */
  readonly #resource = new ByteBuilder();
  readonly #lastResources: number[] = [];
  /** What is behind the values of the last record itself. */
  readonly #tail = new ByteBuilder();

  startResource(): void {
    this.#lastResources.length = 0;
    this.#resource.clear();
  }

  /**
   * Appends the line of a record, with some of its attributes and of those of its resource. Sorts `attributes`. `isLikeLast`:
   * these, and the scope, are what the record before had.
   */
  append(
    out: ByteBuilder,
    record: LogCursor,
    attributes: number[],
    resources: readonly number[],
    isLikeLast: boolean,
  ): void {
    const { bytes, body, severityText, flags, traceId, spanId } = record;
    const start = out.size;
    this.#value.read(bytes, body.start, body.end);
    if (this.#value.type !== 'empty') {
      appendName(out, start, 'body');
      appendJson(out, bytes, body.start, body.end);
    }
    if (traceId >= 0) appendId(out, start, 'traceid', bytes, traceId, traceId + 16);
    if (spanId >= 0) appendId(out, start, 'spanid', bytes, spanId, spanId + 8);
    if (severityText.end > severityText.start) {
      appendName(out, start, 'severity');
      appendJsonText(out, bytes, severityText.start, severityText.end);
    }
    if (flags !== 0) {
      appendName(out, start, 'flags');
      out.appendAscii(String(flags));
    }
    if (!isLikeLast) this.#writeTail(record, attributes, resources);
    const tail = this.#tail.reserve(0);
    // There it begins with a comma, unless it is the end alone.
    if (out.size === start) appendByte(out, openBrace);
    else if (tail[0] === comma) appendByte(out, comma);
    out.append(tail, tail[0] === comma ? 1 : 0, this.#tail.size);
  }

  #writeTail(record: LogCursor, attributes: number[], resources: readonly number[]): void {
    const tail = this.#tail;
    tail.clear();
    if (attributes.length > 0) {
      appendName(tail, -1, 'attributes');
      appendJsonMap(tail, record.attributes, attributes);
    }
    if (resources.length > 0) {
      appendName(tail, -1, 'resources');
      this.#appendResources(tail, record, resources);
    }
    appendScope(tail, record);
    appendByte(tail, closeBrace);
  }

  #appendResources(out: ByteBuilder, record: LogCursor, resources: readonly number[]): void {
    const text = this.#resource;
    const last = this.#lastResources;
    if (last.length !== resources.length || last.some((index, at) => index !== resources[at])) {
      last.splice(0, last.length, ...resources);
      text.clear();
      appendJsonMap(text, record.resource, [...resources]);
    }
    out.append(text.reserve(0), 0, text.size);
  }
}

function appendScope(out: ByteBuilder, { bytes, scopeName, scopeVersion }: LogCursor): void {
  if (scopeName.end === scopeName.start) return;
  appendName(out, -1, 'instrumentation_scope');
  const scopeStart = out.size;
  appendName(out, scopeStart, 'name');
  appendJsonText(out, bytes, scopeName.start, scopeName.end);
  if (scopeVersion.end > scopeVersion.start) {
    appendName(out, scopeStart, 'version');
    appendJsonText(out, bytes, scopeVersion.start, scopeVersion.end);
  }
  appendByte(out, closeBrace);
}

/** Appends the name of a field of an object that begins at an offset. */
function appendName(out: ByteBuilder, start: number, name: string): void {
  out.appendAscii(out.size === start ? '{"' : ',"');
  out.appendAscii(name);
  out.appendAscii('":');
}

function appendId(out: ByteBuilder, start: number, name: string, bytes: Buffer, from: number, to: number): void {
  appendName(out, start, name);
  appendByte(out, quote);
  appendHex(out, bytes, from, to);
  appendByte(out, quote);
}

function appendByte(out: ByteBuilder, byte: number): void {
  out.reserve(1)[out.size] = byte;
  out.advanceTo(out.size + 1);
}
