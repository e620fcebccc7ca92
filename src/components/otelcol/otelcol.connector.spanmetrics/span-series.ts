import type { AttributeList } from '../../../formats/otlp/attribute-list.ts';
import { AttributeWriter } from '../../../formats/otlp/attribute-writer.ts';
import type { EncodedAttributes } from '../../../formats/otlp/metric-writer.ts';
import { SpanCursor } from '../../../formats/otlp/span-cursor.ts';
import { ByteKeys } from '../../../base/byte-keys.ts';
import type { KeyBuilder } from '../metric-series/key-builder.ts';
import { spanAttributes } from './fields.ts';
import type { ResourceForm } from './resource-states.ts';
import { RowMemo } from './row-memo.ts';
import type { SpanMetricsShape } from './settings.ts';

/** By number; others, which the protocol does not know, have empty text. */
const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map(
  (kind) => `SPAN_KIND_${kind}`,
);
const statuses = ['UNSET', 'OK', 'ERROR'].map((status) => `STATUS_CODE_${status}`);

const serviceName = Buffer.from(spanAttributes.serviceName);

/** Makes the keys and the attributes of the series of spans. */
export class SpanSeries {
  /** Goes through the spans; it knows the names of all dimensions. */
  readonly cursor: SpanCursor;
  readonly #shape: SpanMetricsShape;
  /** By set: the number of the name of its first dimension. */
  readonly #firstNames: readonly number[];
  readonly #nameCounts: readonly number[];
  readonly #key: KeyBuilder;
  readonly #scopes: ByteKeys;
  readonly #writer = new AttributeWriter();
  readonly #memo = new RowMemo();
  #hasScope = false;
  #canKnow = false;

  constructor(shape: SpanMetricsShape, key: KeyBuilder) {
    this.#shape = shape;
    this.#key = key;
    const names = shape.sets.map(({ dimensions }) => dimensions.names);
    this.cursor = new SpanCursor(names.flat());
    this.#firstNames = names.map((_, set) => names.slice(0, set).flat().length);
    this.#nameCounts = names.map(({ length }) => length);
    this.#scopes = new ByteKeys([...new Set(shape.scopes)].filter((name) => name !== ''));
  }

  /** To be called for each scope. */
  enterScope(): void {
    const { bytes, scopeName } = this.cursor;
    this.#hasScope = this.#shape.scopes.length > 0 && this.#scopes.find(bytes, scopeName.start, scopeName.end) >= 0;
  }

  /** The row that spans like this one had in a set; 0 if that is not known. */
  knownRow(form: ResourceForm, set: number): number {
    const dimensions = this.#shape.sets[set]?.dimensions;
    this.#canKnow = !this.#hasScope && dimensions?.isOfNames === true;
    if (!this.#canKnow) return 0;
    const { number } = form;
    return this.#memo.find(
      this.cursor,
      number * this.#shape.sets.length + set,
      this.#firstNames[set] as number,
      this.#nameCounts[set] as number,
    );
  }

  /** Remembers the row of the span for which none was known. */
  remember(row: number): void {
    if (this.#canKnow) this.#memo.set(row);
  }

  /** To be called when rows are removed. */
  forgetRows(): void {
    this.#memo.clear();
  }

  /** Puts together the key that a span, or an event of it, has in a set. */
  writeKey(form: ResourceForm, set: number, event: AttributeList | undefined): void {
    const key = this.#key;
    const { cursor } = this;
    const { has } = this.#shape;
    key.clear();
    key.choice(has.spanKind ? Math.min(cursor.kind, kinds.length) : 0);
    key.choice(has.statusCode ? Math.min(cursor.status, statuses.length) : 0);
    if (this.#hasScope) {
      key.text(cursor.bytes, cursor.scopeName.start, cursor.scopeName.end);
      key.text(cursor.bytes, cursor.scopeVersion.start, cursor.scopeVersion.end);
    } else key.absent();
    key.parts(form.service, 0, form.service.length);
    if (has.spanName) key.text(cursor.bytes, cursor.nameStart, cursor.nameEnd);
    const fallbacks = form.fallbacks[set] as readonly Buffer[];
    this.#shape.sets[set]?.dimensions.writeKey(key, cursor, this.#firstNames[set] as number, event, fallbacks);
  }

  /** The attributes of the series with that key, valid until the next. */
  attributes(set: number, event: AttributeList | undefined): EncodedAttributes {
    const writer = this.#writer;
    const { cursor } = this;
    const { has, sets } = this.#shape;
    const { bytes, resource, scopeName, scopeVersion } = cursor;
    writer.clear();
    if (has.serviceName) {
      const index = resource.find(serviceName);
      const [start = 0, end = 0] = [resource.valueStarts[index], resource.valueEnds[index]];
      writer.value(spanAttributes.serviceName, bytes, start, end);
    }
    if (has.spanName) writer.textBytes(spanAttributes.spanName, bytes, cursor.nameStart, cursor.nameEnd);
    if (has.spanKind) writer.text(spanAttributes.spanKind, kinds[cursor.kind] ?? '');
    if (has.statusCode) writer.text(spanAttributes.statusCode, statuses[cursor.status] ?? '');
    const { instanceId } = this.#shape;
    if (instanceId !== undefined) writer.text('collector.instance.id', instanceId);
    if (this.#hasScope) {
      writer.textBytes('span.instrumentation.scope.name', bytes, scopeName.start, scopeName.end);
      if (scopeVersion.end > scopeVersion.start) {
        writer.textBytes('span.instrumentation.scope.version', bytes, scopeVersion.start, scopeVersion.end);
      }
    }
    sets[set]?.dimensions.writeAttributes(writer, cursor.attributes, event, resource);
    return writer.list;
  }
}
