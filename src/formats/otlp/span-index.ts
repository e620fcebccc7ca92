import { grown } from '../../base/grown-column.ts';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { AttributeColumns, type LookedUpNames } from './attribute-columns.ts';
import { AttributeList } from './attribute-list.ts';
import { isMessage } from './check-message.ts';
import { eventType, keyValueType, linkType, resourceType, scopeType } from './check-table.ts';
import { skipVarint } from './skip-field.ts';
import { level, resourceSize, rowSize, scopeSize, spanTag as spanTags, word as rowWords } from './span-layout.ts';
import { statusIn } from './span-status.ts';

/** Batches with more spans are not indexed; a span takes 64 bytes here, and eight more for each column. */
const maxSpans = 16_384;

// What is imported is no constant to the compiler, but looked up each time.
const spanTag = spanTags;
const word = rowWords;

const pairTag = { key: 0x0a, value: 0x12 };
/** How an attribute begins whose length and that of its key are below 128. */
const shortPair = { mask: 0x80ff80ff | 0, head: spanTags.attributes | (pairTag.key << 16) };
const valueTag = { string: 0x0a, bool: 0x10, int: 0x18, double: 0x21 };

/** The depth of the messages in a span, as the check of requests counts. */
const innerDepth = 4;

/**
 * The spans of the last batch that was checked or read, in rows of offsets, so that they are looked at once for all who read
 * them. What is looked up by name stands in columns. Reading usual spans checks them; unusual ones are left to others.
 */
class SpanIndex {
  readonly columns = new AttributeColumns();
  rows: Int32Array = new Int32Array(64 * rowSize);
  /** By span and column, where a value begins and ends; it begins at -1 where there is none. */
  values: Int32Array = new Int32Array(0);
  valuesSize = 0;
  readonly resources: number[] = [];
  readonly scopes: number[] = [];
  /** The spans of the batch; there are fewer rows if that is too many. */
  count = 0;
  /** Changes when the rows do. */
  generation = 0;
  #version = 0;
  #batch: WeakRef<OtlpBatch> | undefined;
  #isWhole = false;
  #hasRepeats = 0;
  readonly #pair = new AttributeList();
  /** Where a field with a length begins that was read last. */
  #start = 0;

  /** Whether the rows are those of a batch now, with columns for some names. */
  open(batch: OtlpBatch, names: LookedUpNames): boolean {
    const isOther = this.#batch?.deref() !== batch;
    if (isOther) this.columns.forgetUnused();
    this.columns.use(names);
    if (isOther || this.#version !== this.columns.version) {
      this.#isWhole = this.#fill(batch.chunks) && this.count <= maxSpans;
      this.#batch = new WeakRef(batch);
    }
    return this.#isWhole;
  }

  /** Reads the chunks of a batch; whether they are right and usual, and all spans were counted. */
  fill(chunks: readonly Buffer[]): boolean {
    this.columns.forgetUnused();
    return this.#fill(chunks);
  }

  /** Notes of which batch the rows are. */
  belongsTo(batch: OtlpBatch): void {
    this.#batch = new WeakRef(batch);
    this.#isWhole = this.count <= maxSpans;
  }

  #fill(chunks: readonly Buffer[]): boolean {
    this.generation++;
    this.#batch = undefined;
    this.#version = this.columns.version;
    this.valuesSize = 2 * this.columns.count;
    this.count = 0;
    this.resources.length = 0;
    this.scopes.length = 0;
    for (let chunk = 0; chunk < chunks.length; chunk++) {
      if (!this.#addRequest(chunks[chunk] as Buffer, chunk)) return false;
    }
    return true;
  }

  #addRequest(bytes: Buffer, chunk: number): boolean {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length;) {
      const next = bytes[at] === level.own ? this.#endOf(bytes, at + 1, bytes.length) : -1;
      if (next < 0 || !this.#addResource(bytes, view, chunk, this.#start, next)) return false;
      at = next;
    }
    return true;
  }

  #addResource(bytes: Buffer, view: DataView, chunk: number, start: number, end: number): boolean {
    const at = this.resources.push(chunk, start, end, start, start, this.scopes.length) - resourceSize;
    let hasOwn = false;
    for (let field = start; field < end;) {
      const next = this.#endOf(bytes, field + 1, end);
      if (next < 0) return false;
      const inner = this.#start;
      if (bytes[field] === level.below) {
        if (!this.#addScope(bytes, view, inner, next)) return false;
      } else if (bytes[field] === level.own) {
        if (hasOwn || !isMessage(bytes, resourceType, inner, next, innerDepth - 2)) return false;
        hasOwn = true;
        this.resources[at + 3] = inner;
        this.resources[at + 4] = next;
      } else if (bytes[field] !== level.schemaUrl) return false;
      field = next;
    }
    return true;
  }

  #addScope(bytes: Buffer, view: DataView, start: number, end: number): boolean {
    const at = this.scopes.push(start, end, start, start, this.count) - scopeSize;
    let hasOwn = false;
    for (let field = start; field < end;) {
      const next = this.#endOf(bytes, field + 1, end);
      if (next < 0) return false;
      const inner = this.#start;
      if (bytes[field] === level.below) {
        if (!this.#addSpan(bytes, view, inner, next)) return false;
      } else if (bytes[field] === level.own) {
        if (hasOwn || !isMessage(bytes, scopeType, inner, next, innerDepth - 1)) return false;
        hasOwn = true;
        this.scopes[at + 2] = inner;
        this.scopes[at + 3] = next;
      } else if (bytes[field] !== level.schemaUrl) return false;
      field = next;
    }
    return true;
  }

  /** Where a field ends whose length stands there, if it has less than three bytes; -1 if that is beyond what it is in. */
  #endOf(bytes: Buffer, at: number, end: number): number {
    let length = bytes[at] ?? 0;
    this.#start = at + 1;
    if (length >= 0x80) {
      const second = bytes[at + 1] ?? 0;
      const third = bytes[at + 2] ?? 0;
      const fourth = bytes[at + 3] ?? 0;
      length = (length & 0x7f) | ((second & 0x7f) << 7);
      this.#start = at + 2;
      if (second >= 0x80) {
        length |= (third & 0x7f) << 14;
        this.#start = at + 3;
        if (third >= 0x80) {
          if (fourth >= 0x80) return -1;
          length |= fourth << 21;
          this.#start = at + 4;
        }
      }
    }
    const next = this.#start + length;
    return next <= end ? next : -1;
  }

  #addSpan(bytes: Buffer, view: DataView, start: number, end: number): boolean {
    // Those that find no room are only checked.
    const index = Math.min(this.count++, maxSpans - 1);
    const { valuesSize } = this;
    const row = index * rowSize;
    const firstValue = index * valuesSize;
    if (row >= this.rows.length) this.rows = grown(this.rows, new Int32Array(2 * this.rows.length));
    if (firstValue + valuesSize > this.values.length) this.values = grown(this.values, new Int32Array(valuesSize * (this.rows.length / rowSize))); // prettier-ignore
    const { rows, values } = this;
    for (let value = firstValue; value < firstValue + valuesSize; value += 2) values[value] = -1;
    this.#hasRepeats = 0;
    let traceId = -1;
    let spanId = -1;
    let parentSpanId = -1;
    let nameStart = start;
    let nameEnd = start;
    let stateStart = start;
    let stateEnd = start;
    let kind = 0;
    let status = 0;
    let hasStatus = false;
    let startLow = 0;
    let startHigh = 0;
    let endLow = 0;
    let endHigh = 0;
    for (let at = start; at < end;) {
      const found = bytes[at] ?? 0;
      if (found === spanTag.attributes) {
        at = this.#addAttributes(bytes, view, at, end, firstValue);
        if (at < 0) return false;
        continue;
      }
      if (found === spanTag.start || found === spanTag.end) {
        if (at + 9 > end) return false;
        const low = view.getInt32(at + 1, true);
        const high = view.getInt32(at + 5, true);
        at += 9;
        if (found === spanTag.start) {
          startLow = low;
          startHigh = high;
        } else {
          endLow = low;
          endHigh = high;
        }
        continue;
      }
      const length = bytes[at + 1] ?? 0;
      if ((found & 7) !== 2) {
        if (found === spanTag.kind) {
          kind = length;
          at += 2;
        } else if (found === spanTag.flags && length === 1) at += 6;
        else if (
          found === spanTag.droppedAttributes ||
          found === spanTag.droppedEvents ||
          found === spanTag.droppedLinks
        ) {
          at = skipVarint(bytes, at + 1, end);
        } else return false;
        if (at < 0 || at > end || kind >= 0x80) return false;
        continue;
      }
      let inner = at + 2;
      at = inner + length;
      if (length >= 0x80) {
        at = this.#endOf(bytes, inner - 1, end);
        inner = this.#start;
        if (at < 0) return false;
      }
      if (at > end) return false;
      switch (found) {
        case spanTag.traceId:
          if (length !== 16 && length !== 0) return false;
          traceId = isZero(bytes, inner, at) ? -1 : inner;
          break;
        case spanTag.spanId:
          if (length !== 8 && length !== 0) return false;
          spanId = isZero(bytes, inner, at) ? -1 : inner;
          break;
        case spanTag.parentSpanId:
          if (length !== 8 && length !== 0) return false;
          parentSpanId = isZero(bytes, inner, at) ? -1 : inner;
          break;
        case spanTag.name:
          nameStart = inner;
          nameEnd = at;
          break;
        case spanTag.traceState:
          stateStart = inner;
          stateEnd = at;
          break;
        case spanTag.status: {
          // Two of them would be joined.
          if (hasStatus) return false;
          hasStatus = true;
          status = statusIn(bytes, inner, at);
          if (status < 0) return false;
          break;
        }
        case spanTag.events:
          if (!isMessage(bytes, eventType, inner, at, innerDepth)) return false;
          break;
        case spanTag.links:
          if (!isMessage(bytes, linkType, inner, at, innerDepth)) return false;
          break;
        default:
          return false;
      }
    }
    rows[row + word.start] = start;
    rows[row + word.end] = end;
    rows[row + word.traceId] = traceId;
    rows[row + word.spanId] = spanId;
    rows[row + word.parentSpanId] = parentSpanId;
    rows[row + word.nameStart] = nameStart;
    rows[row + word.nameEnd] = nameEnd;
    rows[row + word.stateStart] = stateStart;
    rows[row + word.stateEnd] = stateEnd;
    rows[row + word.kind] = kind;
    rows[row + word.status] = status;
    rows[row + word.startLow] = startLow;
    rows[row + word.startHigh] = startHigh;
    rows[row + word.endLow] = endLow;
    rows[row + word.endHigh] = endHigh;
    rows[row + word.hasRepeats] = this.#hasRepeats;
    return true;
  }

  /** Checks the attributes that begin there, and notes where the values are that are looked up; returns where they end. */
  #addAttributes(bytes: Buffer, view: DataView, start: number, end: number, firstValue: number): number {
    const { sizes } = this.columns;
    let at = start;
    while (at < end && bytes[at] === spanTag.attributes) {
      // With all tags and lengths in one byte, two words tell everything about most.
      if (at + 8 <= end) {
        const head = view.getInt32(at, true);
        const keySize = head >>> 24;
        const keyEnd = at + 4 + keySize;
        const next = at + 2 + ((head >>> 8) & 0x7f);
        if ((head & shortPair.mask) === shortPair.head && next <= end && keyEnd + 4 <= next) {
          const value = view.getInt32(keyEnd, true);
          const size = next - keyEnd - 2;
          if (
            (value & 0xffff) === (pairTag.value | (size << 8)) &&
            (value >>> 16 === (valueTag.string | ((size - 2) << 8)) || isPlainValue(bytes, keyEnd + 2, next))
          ) {
            if (sizes[keySize] !== 0) this.#note(view, at + 4, keyEnd, keyEnd + 2, next, firstValue);
            at = next;
            continue;
          }
        }
      }
      at = this.#addAttribute(bytes, view, at, end, firstValue);
      if (at < 0) return -1;
    }
    return at;
  }

  #addAttribute(bytes: Buffer, view: DataView, at: number, end: number, firstValue: number): number {
    let pair = at + 2;
    let next = pair + (bytes[at + 1] ?? 0);
    if (next >= pair + 0x80) {
      next = this.#endOf(bytes, at + 1, end);
      pair = this.#start;
    }
    if (next < 0 || next > end) return -1;
    const keySize = bytes[pair + 1] ?? 0;
    const keyEnd = pair + 2 + keySize;
    let value = keyEnd + 2;
    let size = bytes[keyEnd + 1] ?? 0;
    if (size >= 0x80) size = ((bytes[value++] ?? 0) << 7) | (size & 0x7f);
    const isUsual =
      bytes[pair] === pairTag.key &&
      keySize < 0x80 &&
      bytes[keyEnd] === pairTag.value &&
      value + size === next &&
      isPlainValue(bytes, value, next);
    if (isUsual) this.#note(view, pair + 2, keyEnd, value, next, firstValue);
    else if (!this.#addUnusual(bytes, view, pair, next, firstValue)) return -1;
    return next;
  }

  #addUnusual(bytes: Buffer, view: DataView, start: number, end: number, firstValue: number): boolean {
    if (!isMessage(bytes, keyValueType, start, end, innerDepth)) return false;
    const pair = this.#pair;
    pair.clear(bytes);
    pair.add(start, end);
    const { keyStarts, keyEnds, valueStarts, valueEnds } = pair;
    this.#note(view, keyStarts[0] ?? 0, keyEnds[0] ?? 0, valueStarts[0] ?? 0, valueEnds[0] ?? 0, firstValue);
    return true;
  }

  #note(view: DataView, keyStart: number, keyEnd: number, start: number, end: number, firstValue: number): void {
    const column = this.columns.find(view, keyStart, keyEnd);
    if (column < 0) return;
    const { values } = this;
    const at = firstValue + 2 * column;
    if ((values[at] ?? 0) < 0) {
      values[at] = start;
      values[at + 1] = end;
    } else this.#hasRepeats = 1;
  }
}

/** Whether an AnyValue is one string, bool, integer or double, and nothing else. */
function isPlainValue(bytes: Buffer, start: number, end: number): boolean {
  const size = end - start;
  if (size < 2) return false;
  switch (bytes[start]) {
    case valueTag.string: {
      const length = bytes[start + 1] ?? 0;
      if (length < 0x80) return length + 2 === size;
      return (((bytes[start + 2] ?? 0) << 7) | (length & 0x7f)) + 3 === size;
    }
    case valueTag.int:
    case valueTag.bool:
      return (size === 2 && (bytes[start + 1] ?? 0) < 0x80) || skipVarint(bytes, start + 1, end) === end;
    case valueTag.double:
      return size === 9;
    default:
      return false;
  }
}

function isZero(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at] !== 0) return false;
  return true;
}

/** There is one, since batches are read one after the other. */
export const spanIndex = new SpanIndex();
