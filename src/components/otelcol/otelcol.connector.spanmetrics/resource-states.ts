import { ByteTable } from '../../../base/byte-table.ts';
import { latin1 } from '../../../base/bytes.ts';
import type { Milliseconds } from '../../../base/duration.ts';
import type { AttributeList } from '../../../formats/otlp/attribute-list.ts';
import { AttributeWriter } from '../../../formats/otlp/attribute-writer.ts';
import type { EncodedAttributes } from '../../../formats/otlp/metric-writer.ts';
import type { SpanCursor } from '../../../formats/otlp/span-cursor.ts';
import type { KeyBuilder } from '../metric-series/key-builder.ts';
import { SeriesRows, type SeriesBudget } from '../metric-series/series-rows.ts';
import { spanAttributes } from './fields.ts';
import type { SpanMetricsShape } from './settings.ts';

/** Forms of resources that are found by their bytes, for each resource that there may be. */
const formsPerResource = 4;

/** The metrics of one resource. */
export interface ResourceState {
  readonly identity: string;
  /** Of the first resource with that identity. */
  readonly attributes: EncodedAttributes;
  /** The series of each set of the shape. */
  readonly rows: readonly SeriesRows[];
  lastSeen: Milliseconds;
  isGone: boolean;
}

/** A resource as senders write it. Several can have the same metrics. */
export interface ResourceForm {
  /** No other one ever has it. */
  readonly number: number;
  readonly state: ResourceState;
  /** The part of keys that the name of the service is. */
  readonly service: Buffer;
  /** For each set of the shape, see `DimensionSet.fallbacks`. */
  readonly fallbacks: readonly (readonly Buffer[])[];
}

const serviceName = Buffer.from(spanAttributes.serviceName);

/** The resources by their bytes and by what identifies them, the one with the latest spans last. */
export class ResourceStates {
  readonly #shape: SpanMetricsShape;
  readonly #budget: SeriesBudget;
  readonly #key: KeyBuilder;
  readonly #resourceKeys: readonly Buffer[];
  readonly #states = new Map<string, ResourceState>();
  readonly #writer = new AttributeWriter();
  #slots: ByteTable;
  #maxForms: number;
  readonly #forms: (ResourceForm | undefined)[] = [];
  #lastForm = 0;
  #latest: ResourceState | undefined;

  /** `key` is made use of. */
  constructor(shape: SpanMetricsShape, budget: SeriesBudget, key: KeyBuilder, resources: number) {
    this.#shape = shape;
    this.#budget = budget;
    this.#key = key;
    this.#resourceKeys = shape.resourceKeys.map((name) => Buffer.from(name));
    this.#maxForms = formsPerResource * resources;
    this.#slots = new ByteTable(this.#maxForms);
  }

  get size(): number {
    return this.#states.size;
  }

  /** All of them; those with the latest spans last. */
  all(): Iterable<ResourceState> {
    return this.#states.values();
  }

  /** Changes how many resources it is made for. */
  resize(resources: number): void {
    this.#maxForms = formsPerResource * resources;
    this.#forget();
  }

  /** The resource that a cursor is at; undefined if it has no name of a service. */
  find({ bytes, resourceRange, resource }: SpanCursor, now: Milliseconds): ResourceForm | undefined {
    const slot = this.#slots.find(bytes, resourceRange.start, resourceRange.end);
    let form = slot === 0 ? undefined : this.#forms[slot];
    if (form === undefined || form.state.isGone) {
      form = this.#make(resource);
      if (form === undefined) return undefined;
      if (this.#slots.size >= this.#maxForms) this.#forget();
      this.#forms[this.#slots.add(bytes, resourceRange.start, resourceRange.end)] = form;
    }
    const { state } = form;
    state.lastSeen = now;
    if (state !== this.#latest) {
      this.#states.delete(state.identity);
      this.#states.set(state.identity, state);
      this.#latest = state;
    }
    return form;
  }

  remove(state: ResourceState): void {
    state.isGone = true;
    this.#states.delete(state.identity);
    for (const rows of state.rows) rows.close();
  }

  #forget(): void {
    this.#slots = new ByteTable(this.#maxForms);
    this.#forms.length = 0;
  }

  #make(resource: AttributeList): ResourceForm | undefined {
    const service = resource.find(serviceName);
    if (service < 0) return undefined;
    const identity = this.#identityOf(resource);
    let state = this.#states.get(identity);
    if (state === undefined) {
      state = {
        identity,
        attributes: this.#copyOf(resource),
        rows: this.#shape.sets.map(
          ({ histograms }) => new SeriesRows({ histograms, limit: this.#shape.seriesLimit, budget: this.#budget }),
        ),
        lastSeen: 0,
        isGone: false,
      };
      this.#states.set(identity, state);
    }
    const key = this.#key;
    key.clear();
    if (this.#shape.has.serviceName) {
      key.value(resource.bytes, resource.valueStarts[service] ?? 0, resource.valueEnds[service] ?? 0);
    }
    const part = key.isTooLong ? Buffer.from(key.bytes) : key.copy();
    const fallbacks = this.#shape.sets.map(({ dimensions }) => dimensions.fallbacks(resource, key));
    return { number: ++this.#lastForm, state, service: part, fallbacks };
  }

  /** What tells a resource apart: its attributes in the order of their names, or some of them. */
  #identityOf(resource: AttributeList): string {
    const { bytes, keyStarts, keyEnds, valueStarts, valueEnds } = resource;
    const wanted =
      this.#resourceKeys.length === 0
        ? Array.from({ length: resource.count }, (_, index) => index)
        : this.#resourceKeys.map((key) => resource.find(key)).filter((index) => index >= 0);
    const pairs = wanted.map((index): [string, string] => [
      latin1(bytes, keyStarts[index] ?? 0, keyEnds[index] ?? 0),
      latin1(bytes, valueStarts[index] ?? 0, valueEnds[index] ?? 0),
    ]);
    return JSON.stringify(pairs.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))));
  }

  #copyOf(resource: AttributeList): EncodedAttributes {
    const writer = this.#writer;
    writer.clear();
    for (let index = 0; index < resource.count; index++) {
      writer.pair(resource.bytes, resource.starts[index] ?? 0, resource.ends[index] ?? 0);
    }
    return writer.copy();
  }
}
