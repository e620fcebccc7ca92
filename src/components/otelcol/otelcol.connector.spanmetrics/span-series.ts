import { randomUUID } from 'node:crypto';
import type { AttributeList } from '../../../formats/otlp/attribute-list.ts';
import { AttributeWriter } from '../../../formats/otlp/attribute-writer.ts';
import type { EncodedAttributes } from '../../../formats/otlp/metric-writer.ts';
import type { SpanCursor } from '../../../formats/otlp/span-cursor.ts';
import { ByteKeys } from '../../../base/byte-keys.ts';
import type { KeyBuilder } from '../metric-series/key-builder.ts';
import { spanAttributes } from './fields.ts';
import type { ResourceForm } from './resource-states.ts';
import type { SpanMetricsShape } from './settings.ts';

/** By number; others, which the protocol does not know, have empty text. */
const kinds = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'].map(
  (kind) => `SPAN_KIND_${kind}`,
);
const statuses = ['UNSET', 'OK', 'ERROR'].map((status) => `STATUS_CODE_${status}`);

const serviceName = Buffer.from(spanAttributes.serviceName);

/** Makes the keys and the attributes of the series of spans. */
export class SpanSeries {
  readonly #shape: SpanMetricsShape;
  readonly #key: KeyBuilder;
  readonly #scopes: ByteKeys;
  readonly #instanceId: string | undefined;
  readonly #writer = new AttributeWriter();
  #hasScope = false;

  constructor(shape: SpanMetricsShape, key: KeyBuilder) {
    this.#shape = shape;
    this.#key = key;
    this.#scopes = new ByteKeys([...new Set(shape.scopes)].filter((name) => name !== ''));
    this.#instanceId = shape.hasInstanceId ? randomUUID() : undefined;
  }

  /** To be called for each scope. */
  enterScope({ bytes, scopeName }: SpanCursor): void {
    this.#hasScope = this.#shape.scopes.length > 0 && this.#scopes.find(bytes, scopeName.start, scopeName.end) >= 0;
  }

  /** Puts together the key that a span, or an event of it, has in a set. */
  writeKey(cursor: SpanCursor, form: ResourceForm, set: number, event: AttributeList | undefined): void {
    const key = this.#key;
    const { has } = this.#shape;
    key.clear();
    key.choice(has.spanKind ? Math.min(cursor.kind, kinds.length) : 0);
    key.choice(has.statusCode ? Math.min(cursor.status, statuses.length) : 0);
    if (this.#hasScope) {
      key.text(cursor.bytes, cursor.scopeName.start, cursor.scopeName.end);
      key.text(cursor.bytes, cursor.scopeVersion.start, cursor.scopeVersion.end);
    } else key.absent();
    key.parts(form.service, 0, form.service.length);
    if (has.spanName) key.text(cursor.bytes, cursor.name.start, cursor.name.end);
    const fallbacks = form.fallbacks[set] as readonly Buffer[];
    this.#shape.sets[set]?.dimensions.writeKey(key, cursor.attributes, event, cursor.resource, fallbacks);
  }

  /** The attributes of the series with that key, valid until the next. */
  attributes(cursor: SpanCursor, set: number, event: AttributeList | undefined): EncodedAttributes {
    const writer = this.#writer;
    const { has, sets } = this.#shape;
    const { bytes, resource, name, scopeName, scopeVersion } = cursor;
    writer.clear();
    if (has.serviceName) {
      const index = resource.find(serviceName);
      const [start = 0, end = 0] = [resource.valueStarts[index], resource.valueEnds[index]];
      writer.value(spanAttributes.serviceName, bytes, start, end);
    }
    if (has.spanName) writer.textBytes(spanAttributes.spanName, bytes, name.start, name.end);
    if (has.spanKind) writer.text(spanAttributes.spanKind, kinds[cursor.kind] ?? '');
    if (has.statusCode) writer.text(spanAttributes.statusCode, statuses[cursor.status] ?? '');
    if (this.#instanceId !== undefined) writer.text('collector.instance.id', this.#instanceId);
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
