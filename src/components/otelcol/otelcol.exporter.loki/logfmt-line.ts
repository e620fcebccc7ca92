import { ByteBuilder } from '../../../base/byte-builder.ts';
import { LogfmtReader } from '../../../formats/logfmt/logfmt.ts';
import { appendBytes, appendKey, appendText } from '../../../formats/logfmt/logfmt-writer.ts';
import { elements } from '../../../formats/otlp/any-value.ts';
import type { AttributeList } from '../../../formats/otlp/attribute-list.ts';
import type { LogCursor } from '../../../formats/otlp/log-cursor.ts';
import { ValueCursor } from '../../../formats/otlp/value-cursor.ts';
import { mapEntries } from '../../../formats/otlp/value-json.ts';
import { appendLogfmtValue } from '../../../formats/otlp/value-logfmt.ts';

/**
 * The longest line, in bytes and for each byte of the record and its resource. The key of a value repeats those of the maps
 * it is in, so that a line could be thousands of times as long as its record.
 */
const maxLine = { bytes: 64 * 1024, perByte: 16 };

/** Writes lines in the format `logfmt`. */
export class LogfmtLines {
  readonly #value = new ValueCursor();
  readonly #reader = new LogfmtReader();
  /** The key of the value that is written, with those of the maps it is in. */
  readonly #path = new ByteBuilder();
  /** The values of the record that come after its body, by their keys; those that the body has stand there. */
  readonly #own = new Map<string, string>();
  #out = new ByteBuilder();
  #start = 0;
  /** Where the line must end. */
  #limit = 0;
  #isWhole = true;

  /**
   * Appends the line of a record, with some of its attributes and of those of its resource; false if that cannot be: if
   * logfmt can have none of the characters of a key, or the line would be far longer than the record.
   */
  append(out: ByteBuilder, record: LogCursor, attributes: readonly number[], resources: readonly number[]): boolean {
    const { bytes, scopeName, scopeVersion, record: own, resourceRange } = record;
    const size = own.end - own.start + resourceRange.end - resourceRange.start;
    this.#out = out;
    this.#start = out.size;
    this.#limit = out.size + maxLine.bytes + maxLine.perByte * size;
    this.#isWhole = true;
    this.#readOwn(record);
    this.#appendBody(record);
    for (const [key, text] of this.#own) this.#appendPair(key, text);
    this.#appendList('attribute_', record.attributes, attributes);
    this.#appendList('resource_', record.resource, resources);
    if (scopeName.end > scopeName.start) {
      this.#appendText('instrumentation_scope_name', bytes, scopeName.start, scopeName.end);
      if (scopeVersion.end > scopeVersion.start)
        this.#appendText('instrumentation_scope_version', bytes, scopeVersion.start, scopeVersion.end);
    }
    return this.#isWhole;
  }

  #readOwn({ bytes, traceId, spanId, severityText, flags }: LogCursor): void {
    const own = this.#own;
    own.clear();
    if (traceId >= 0) own.set('traceID', bytes.toString('hex', traceId, traceId + 16));
    if (spanId >= 0) own.set('spanID', bytes.toString('hex', spanId, spanId + 8));
    if (severityText.end > severityText.start)
      own.set('severity', bytes.toString('utf8', severityText.start, severityText.end));
    if (flags !== 0) own.set('flags', String(flags));
  }

  #appendBody({ bytes, body }: LogCursor): void {
    this.#value.read(bytes, body.start, body.end);
    const { type, start, end } = this.#value;
    switch (type) {
      case 'empty':
        break;
      case 'string':
        this.#appendBodyText(bytes, start, end);
        break;
      case 'map':
        this.#appendBodyMap(mapEntries(bytes, start, end));
        break;
      case 'array':
        this.#appendValue('body', bytes, body.start, body.end);
        break;
      default:
        this.#appendValue('msg', bytes, body.start, body.end);
    }
  }

  /** Text that is logfmt keeps its pairs, those of all its lines. */
  #appendBodyText(bytes: Buffer, start: number, end: number): void {
    const out = this.#out;
    const reader = this.#reader;
    reader.start(bytes, start, end);
    while (reader.next()) {
      const key = Buffer.from(reader.key);
      const value = Buffer.from(reader.value);
      if (appendKey(out, this.#start, key, 0, key.length)) appendBytes(out, value, 0, value.length);
      else this.#isWhole = false;
    }
    if (reader.error === undefined) return;
    out.advanceTo(this.#start);
    this.#isWhole = true;
    this.#appendText('msg', bytes, start, end);
  }

  /** What the record has itself takes the place of what the map has under the same key. */
  #appendBodyMap(entries: AttributeList): void {
    const { bytes } = entries;
    for (let index = 0; index < entries.count; index++) {
      const key = bytes.toString('utf8', entries.keyStarts[index] ?? 0, entries.keyEnds[index] ?? 0);
      const own = this.#own.get(key);
      this.#own.delete(key);
      if (own === undefined)
        this.#appendValue(key, bytes, entries.valueStarts[index] ?? 0, entries.valueEnds[index] ?? 0);
      else this.#appendPair(key, own);
    }
  }

  #appendList(prefix: string, list: AttributeList, indexes: readonly number[]): void {
    const { bytes } = list;
    for (const index of indexes) {
      this.#path.clear();
      this.#path.appendAscii(prefix);
      this.#path.append(bytes, list.keyStarts[index] ?? 0, list.keyEnds[index] ?? 0);
      this.#flatten(bytes, list.valueStarts[index] ?? 0, list.valueEnds[index] ?? 0);
    }
  }

  #appendValue(key: string, bytes: Buffer, start: number, end: number): void {
    this.#path.clear();
    this.#path.appendText(key);
    this.#flatten(bytes, start, end);
  }

  #appendText(key: string, bytes: Buffer, start: number, end: number): void {
    this.#path.clear();
    this.#path.appendText(key);
    if (this.#appendPath()) appendText(this.#out, bytes, start, end);
  }

  #appendPair(key: string, text: string): void {
    const bytes = Buffer.from(text);
    this.#appendText(key, bytes, 0, bytes.length);
  }

  /** Appends the value under the key in the path. Those in maps and arrays have longer keys; empty ones are left out. */
  #flatten(bytes: Buffer, valueStart: number, valueEnd: number): void {
    const path = this.#path;
    this.#value.read(bytes, valueStart, valueEnd);
    const { type, start, end } = this.#value;
    const { size } = path;
    if (type === 'array') {
      for (const [index, [from, to]] of elements(bytes, start, end).entries()) {
        path.appendAscii(`_${index}`);
        this.#flatten(bytes, from, to);
        path.advanceTo(size);
      }
    } else if (type === 'map') {
      const entries = mapEntries(bytes, start, end);
      for (let index = 0; index < entries.count; index++) {
        path.appendAscii('_');
        path.append(bytes, entries.keyStarts[index] ?? 0, entries.keyEnds[index] ?? 0);
        this.#flatten(bytes, entries.valueStarts[index] ?? 0, entries.valueEnds[index] ?? 0);
        path.advanceTo(size);
      }
    } else if (type !== 'empty' && this.#appendPath()) {
      appendLogfmtValue(this.#out, bytes, valueStart, valueEnd);
    }
  }

  #appendPath(): boolean {
    const path = this.#path;
    const out = this.#out;
    this.#isWhole &&= out.size + path.size <= this.#limit && appendKey(out, this.#start, path.reserve(0), 0, path.size);
    return this.#isWhole;
  }
}
