import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { LookedUpNames } from './attribute-columns.ts';
import { AttributeList } from './attribute-list.ts';
import { ResourceCursor } from './resource-cursor.ts';
import { spanIndex } from './span-index.ts';
import { resourceSize, rowSize, scopeSize, word as rowWords } from './span-layout.ts';

// What is imported is no constant to the compiler, but looked up each time.
const word = rowWords;

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
  status: 0x7a,
};

const statusCode = 0x18;
const eventAttributesTag = 0x1a;
/** What larger numbers of kinds and states are taken for, which nobody knows either. */
const maxEnum = 255;

export const spanKind = { unspecified: 0, internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;
export const spanStatus = { unset: 0, ok: 1, error: 2 } as const;

/**
 * Goes through the spans of a batch: `nextResource`, in it `nextScope`, in it `nextSpan`, in it `nextEvent`. Where the index
 * of spans has the batch, facts are read from there, and a span itself only when more of it is asked for.
 */
export class SpanCursor extends ResourceCursor {
  readonly #names: LookedUpNames;
  /** Their columns in the index. */
  readonly #columns: Int32Array;
  /** The span as it was read here, where it is not in the index. */
  readonly #own = new Int32Array(rowSize);
  #rows: Int32Array = this.#own;
  #row = 0;
  /** While these are the rows of the batch: which they are, and where the cursor is in them. */
  #isIndexed = false;
  #generation = 0;
  #values: Int32Array = spanIndex.values;
  #firstValue = 0;
  #resource = 0;
  #scope = 0;
  #lastScope = 0;
  #nextRow = 0;
  #lastRow = 0;
  /** Whether what the index does not have was read of the span. */
  #isRead = false;
  readonly #attributes = new AttributeList();
  /** The Event messages of the span, as pairs of offsets. */
  readonly #events: number[] = [];
  #event = 0;
  readonly eventAttributes = new AttributeList();

  /** The names are those of attributes that are looked up by their number. */
  constructor(names: readonly (string | Buffer)[] = []) {
    super();
    this.#names = new LookedUpNames(names);
    this.#columns = this.#names.columns;
  }

  override open(batch: OtlpBatch): void {
    super.open(batch);
    this.#isIndexed = spanIndex.open(batch, this.#names);
    this.#generation = spanIndex.generation;
    this.#resource = 0;
  }

  override nextResource(): boolean {
    const { resources, scopes } = spanIndex;
    const at = this.#resource;
    if (!this.#hasIndex() || at === resources.length) return super.nextResource();
    this.#resource = at + resourceSize;
    this.enterResource(resources[at] ?? 0, resources[at + 1] ?? 0, resources[at + 2] ?? 0);
    this.readResourceIn(resources[at + 3] ?? 0, resources[at + 4] ?? 0);
    this.#scope = resources[at + 5] ?? 0;
    this.#lastScope = resources[this.#resource + 5] ?? scopes.length;
    return true;
  }

  override nextScope(): boolean {
    if (!this.#hasIndex()) return super.nextScope();
    const { scopes, count } = spanIndex;
    const at = this.#scope;
    if (at === this.#lastScope) return false;
    this.#scope = at + scopeSize;
    this.enterScope(scopes[at] ?? 0, scopes[at + 1] ?? 0);
    this.readScopeIn(scopes[at + 2] ?? 0, scopes[at + 3] ?? 0);
    this.#nextRow = scopes[at + 4] ?? 0;
    this.#lastRow = scopes[this.#scope + 4] ?? count;
    return true;
  }

  nextSpan(): boolean {
    if (this.#hasIndex()) {
      if (this.#nextRow === this.#lastRow) return false;
      this.#enterRow(this.#nextRow);
      return true;
    }
    return this.#readNext();
  }

  #readNext(): boolean {
    const end = this.nextItem();
    if (end < 0) return false;
    this.#rows = this.#own;
    this.#row = 0;
    this.#read(end);
    return true;
  }

  /** Goes to the next span without a parent. Cheaper than looking at all of them. */
  nextRoot(): boolean {
    if (this.#hasIndex()) {
      const { rows } = spanIndex;
      let row = this.#nextRow;
      while (row < this.#lastRow && (rows[row * rowSize + word.parentSpanId] ?? 0) >= 0) row++;
      this.#nextRow = row;
      if (row === this.#lastRow) return false;
      this.#enterRow(row);
      return true;
    }
    while (this.nextSpan()) if (this.parentSpanId < 0) return true;
    return false;
  }

  /** The number of the span, by which the cursor can go back to it in the same scope; -1 if it cannot. */
  get number(): number {
    return this.#isIndexed ? this.#nextRow - 1 : -1;
  }

  enterSpan(number: number): void {
    this.#enterRow(number);
  }

  nextEvent(): boolean {
    if (!this.#isRead) this.#readRow();
    const start = this.#events[this.#event];
    const end = this.#events[this.#event + 1];
    if (start === undefined || end === undefined) return false;
    this.#event += 2;
    const { reader, eventAttributes } = this;
    eventAttributes.clear(this.bytes);
    reader.at = start;
    while (reader.at < end) {
      const tag = reader.varint();
      if (tag === eventAttributesTag) this.attribute(eventAttributes);
      else reader.skip(tag);
    }
    return true;
  }

  get traceId(): number {
    return this.#rows[this.#row + word.traceId] as number;
  }

  get spanId(): number {
    return this.#rows[this.#row + word.spanId] as number;
  }

  get parentSpanId(): number {
    return this.#rows[this.#row + word.parentSpanId] as number;
  }

  get nameStart(): number {
    return this.#rows[this.#row + word.nameStart] as number;
  }

  get nameEnd(): number {
    return this.#rows[this.#row + word.nameEnd] as number;
  }

  /** Of the trace state. */
  get stateStart(): number {
    return this.#rows[this.#row + word.stateStart] as number;
  }

  get stateEnd(): number {
    return this.#rows[this.#row + word.stateEnd] as number;
  }

  get kind(): number {
    return this.#rows[this.#row + word.kind] as number;
  }

  get status(): number {
    return this.#rows[this.#row + word.status] as number;
  }

  /** Nanoseconds since 1970, in two halves of 32 bits. */
  get startLow(): number {
    return (this.#rows[this.#row + word.startLow] as number) >>> 0;
  }

  get startHigh(): number {
    return (this.#rows[this.#row + word.startHigh] as number) >>> 0;
  }

  get endLow(): number {
    return (this.#rows[this.#row + word.endLow] as number) >>> 0;
  }

  get endHigh(): number {
    return (this.#rows[this.#row + word.endHigh] as number) >>> 0;
  }

  /** How long the span took; negative if it ends before it starts. Exact up to 2^53. */
  get durationNanos(): number {
    const rows = this.#rows;
    const row = this.#row;
    const low = ((rows[row + word.endLow] as number) >>> 0) - ((rows[row + word.startLow] as number) >>> 0);
    const startHigh = (rows[row + word.startHigh] as number) >>> 0;
    const endHigh = (rows[row + word.endHigh] as number) >>> 0;
    return startHigh === endHigh ? low : (endHigh - startHigh) * 0x1_0000_0000 + low;
  }

  /** All attributes of the span. */
  get attributes(): AttributeList {
    if (!this.#isRead) this.#readRow();
    return this.#attributes;
  }

  /** Whether there may be several attributes with one of the names. */
  get hasRepeats(): boolean {
    return this.#rows[this.#row + word.hasRepeats] !== 0;
  }

  /** Where the value of the first attribute with a name begins, by the number of the name; -1 if there is none. */
  valueStart(name: number): number {
    if (!this.#isIndexed) return this.#ownValue(name, this.#attributes.valueStarts);
    return this.#values[this.#firstValue + 2 * (this.#columns[name] as number)] as number;
  }

  /** Where it ends. */
  valueEnd(name: number): number {
    if (!this.#isIndexed) return this.#ownValue(name, this.#attributes.valueEnds);
    return this.#values[this.#firstValue + 2 * (this.#columns[name] as number) + 1] as number;
  }

  #ownValue(name: number, places: Int32Array): number {
    const index = this.#attributes.find(this.#names.names[name] as Buffer);
    return index < 0 ? -1 : (places[index] as number);
  }

  /** Whether the index has the batch still; if others have used it meanwhile, the rest is read here. */
  #hasIndex(): boolean {
    this.#isIndexed &&= this.#generation === spanIndex.generation;
    return this.#isIndexed;
  }

  #enterRow(row: number): void {
    const { rows, values, valuesSize } = spanIndex;
    this.#nextRow = row + 1;
    this.#rows = rows;
    this.#row = row * rowSize;
    this.#values = values;
    this.#firstValue = row * valuesSize;
    this.#isRead = false;
    this.passItem(rows[this.#row + word.end] as number);
  }

  /** Reads what the index does not have of the span that it has. */
  #readRow(): void {
    this.reader.at = this.#rows[this.#row + word.start] as number;
    this.#read(this.#rows[this.#row + word.end] as number);
  }

  /** Reads the fields of a span. */
  #read(end: number): void {
    const { reader, bytes } = this;
    const row = this.#own;
    const attributes = this.#attributes;
    attributes.clear(bytes);
    this.#events.length = 0;
    this.#event = 0;
    this.#isRead = true;
    row.fill(0);
    row[word.traceId] = row[word.spanId] = row[word.parentSpanId] = -1;
    row[word.hasRepeats] = 1;
    while (reader.at < end) {
      const tag = reader.varint();
      switch (tag) {
        case spanTag.attributes:
          this.attribute(attributes);
          break;
        case spanTag.traceId:
          row[word.traceId] = this.id();
          break;
        case spanTag.spanId:
          row[word.spanId] = this.id();
          break;
        case spanTag.parentSpanId:
          row[word.parentSpanId] = this.id();
          break;
        case spanTag.name:
          this.#readRange(word.nameStart);
          break;
        case spanTag.traceState:
          this.#readRange(word.stateStart);
          break;
        case spanTag.kind:
          row[word.kind] = Math.min(reader.varint(), maxEnum);
          break;
        case spanTag.start:
          this.#readTime(word.startLow);
          break;
        case spanTag.end:
          this.#readTime(word.endLow);
          break;
        case spanTag.events: {
          const length = reader.varint();
          this.#events.push(reader.at, reader.at + length);
          reader.at += length;
          break;
        }
        case spanTag.status:
          this.#readStatus(reader.varint());
          break;
        default:
          reader.skip(tag);
      }
    }
  }

  #readRange(at: number): void {
    const { reader } = this;
    const length = reader.varint();
    this.#own[at] = reader.at;
    this.#own[at + 1] = reader.at += length;
  }

  #readTime(at: number): void {
    const { reader, bytes } = this;
    this.#own[at] = bytes.readInt32LE(reader.at);
    this.#own[at + 1] = bytes.readInt32LE(reader.at + 4);
    reader.at += 8;
  }

  #readStatus(length: number): void {
    const { reader } = this;
    const end = reader.at + length;
    while (reader.at < end) {
      const tag = reader.varint();
      if (tag === statusCode) this.#own[word.status] = Math.min(reader.varint(), maxEnum);
      else reader.skip(tag);
    }
  }
}
