import { ByteBuilder } from '../../../base/byte-builder.ts';
import { utf8 } from '../../../base/bytes.ts';
import { AttributeList } from '../../../formats/otlp/attribute-list.ts';
import { metricData, type MetricData } from '../../../formats/otlp/data-point.ts';
import type { MetricCursor } from '../../../formats/otlp/metric-cursor.ts';
import type { NumberList } from '../../../formats/otlp/number-list.ts';
import { metricType, type MetricFamily, type MetricType } from '../../../model/metric-family.ts';
import type { SeriesRef, SeriesTable } from '../../../model/series-table.ts';
import { BoundLists, type BoundList } from './bound-lists.ts';
import type { ConverterOptions } from './fields.ts';
import { appendAttributes, appendNumber, appendRange } from './identity.ts';
import { nameWithoutSuffixes, nameWithSuffixes } from './metric-name.ts';
import { addAttributes, resourceLabels, type LabelMap, type ResourceLabels } from './resource-labels.ts';
import { SeriesMaker, type SeriesPart } from './series-maker.ts';
import { StateTable } from './state-table.ts';

/** Keys of data points to remember; there may be several for a series, which differ in the order of attributes. */
const maxPoints = 2_000_000;
/** The same of resources, scopes and metrics. */
const maxOthers = 200_000;

/** What is known of a resource. */
export interface KnownResource {
  readonly slot: number;
  readonly labels: ResourceLabels;
  /** Its `target_info`; 0 if that is not wanted, or there is no room for it. */
  readonly info: SeriesRef;
}

/** What is known of a metric, whatever resource it is of. */
export interface KnownMetric {
  readonly slot: number;
  /** What it is called in Prometheus; its name is empty if it cannot be called anything. */
  readonly family: MetricFamily;
  /** The bounds or quantiles that its last point had. */
  list: BoundList | undefined;
}

/**
 * Finds the series of data points by the bytes of what names them, so that labels are made only once. It has shares in
 * them. What did not come for a while is forgotten, and everything is when it is full.
 */
export class SeriesCache {
  /** How often it was full. */
  resets = 0;
  /** The moment of the current batch, in seconds. */
  #second = 0;
  readonly #table: SeriesTable;
  readonly #options: ConverterOptions;
  readonly #maker: SeriesMaker;
  readonly #key = new ByteBuilder();
  readonly #scopeAttributes = new AttributeList();
  readonly #resources: StateTable<KnownResource>;
  readonly #scopes: StateTable<SeriesRef>;
  readonly #metrics = new StateTable<KnownMetric>(maxOthers);
  readonly #lists = new BoundLists(maxOthers);
  /** The series of each point, or those of its parts. */
  readonly #points: StateTable<SeriesRef | Uint32Array>;

  constructor(table: SeriesTable, options: ConverterOptions) {
    this.#table = table;
    this.#options = options;
    this.#maker = new SeriesMaker(table, options.resource_to_telemetry_conversion);
    this.#resources = new StateTable(maxOthers, ({ info }) => this.#release(info));
    this.#scopes = new StateTable(maxOthers, (info) => this.#release(info));
    this.#points = new StateTable(maxPoints, (series) => this.#release(series));
  }

  /** Data points, resources, scopes, metrics and lists of bounds that are remembered. */
  get size(): number {
    return this.#points.size + this.#resources.size + this.#scopes.size + this.#metrics.size + this.#lists.size;
  }

  /** Begins with a batch of so many data points, for which there must be room. */
  begin(points: number, second: number): void {
    this.#second = second;
    const others = Math.max(this.#resources.size, this.#scopes.size, this.#metrics.size, this.#lists.size);
    if (this.#points.size + points <= maxPoints && others + Math.min(points, maxOthers / 2) <= maxOthers) return;
    this.resets++;
    this.clear();
  }

  /** The resource where the cursor is; undefined if there is no room for it. */
  resource({ resource }: MetricCursor): KnownResource | undefined {
    const key = this.#key;
    key.clear();
    appendAttributes(key, resource);
    const known = this.#resources.find(key, this.#second);
    if (known !== 0) return this.#resources.stateAt(known);
    const slot = this.#resources.add(key, this.#second);
    if (slot === 0) return undefined;
    const { keep_identifying_resource_attributes: keepsIdentifying, include_target_info: hasInfo } = this.#options;
    const labels = resourceLabels(resource, keepsIdentifying);
    const info = hasInfo ? this.#maker.intern('target_info', labels.info) : 0;
    const made = { slot, labels, info };
    this.#resources.set(slot, made);
    return made;
  }

  /** The `otel_scope_info` of the scope where the cursor is; 0 if there is no room for it. */
  scopeInfo(cursor: MetricCursor, { slot: resource, labels: { base } }: KnownResource): SeriesRef {
    const { bytes, scopeRange, scopeName, scopeVersion } = cursor;
    const key = this.#key;
    key.clear();
    appendNumber(key, resource);
    appendRange(key, bytes, scopeRange);
    const known = this.#scopes.find(key, this.#second);
    if (known !== 0) return this.#scopes.stateAt(known) ?? 0;
    const slot = this.#scopes.add(key, this.#second);
    if (slot === 0) return 0;
    const labels: LabelMap = new Map(base);
    cursor.readScopeAttributes(this.#scopeAttributes);
    addAttributes(labels, this.#scopeAttributes);
    labels.set('otel_scope_name', utf8(bytes, scopeName.start, scopeName.end));
    labels.set('otel_scope_version', utf8(bytes, scopeVersion.start, scopeVersion.end));
    const info = this.#maker.intern('otel_scope_info', labels);
    this.#scopes.set(slot, info);
    return info;
  }

  /** The metric where the cursor is; undefined if there is no room for it. */
  metric(cursor: MetricCursor): KnownMetric | undefined {
    const { bytes, type, isMonotonic, name, unit, description } = cursor;
    const key = this.#key;
    key.clear();
    appendNumber(key, isMonotonic ? type + 0x100 : type);
    appendRange(key, bytes, name);
    appendRange(key, bytes, unit);
    if (this.#options.honor_metadata) key.append(bytes, description.start, description.end);
    const known = this.#metrics.find(key, this.#second);
    if (known !== 0) return this.#metrics.stateAt(known);
    const slot = this.#metrics.add(key, this.#second);
    if (slot === 0) return undefined;
    const made = { slot, family: familyOf(cursor, this.#options.add_metric_suffixes), list: undefined };
    this.#metrics.set(slot, made);
    return made;
  }

  /** The series of a point that has one; 0 if there is no room for it. */
  seriesOf(resource: KnownResource, metric: KnownMetric, attributes: AttributeList): SeriesRef {
    const found = this.#find(resource, metric, 0, attributes);
    if (found !== undefined) return typeof found === 'number' ? found : 0;
    const [series = 0] = this.#maker.make(metric.family.name, onlyPart, resource.labels, attributes) ?? [];
    this.#remember(series);
    return series;
  }

  /** The series of the parts of a point: sum, count, and then one for each bucket or quantile. Empty without room. */
  partsOf(
    resource: KnownResource,
    metric: KnownMetric,
    list: BoundList,
    attributes: AttributeList,
    listed: (list: BoundList) => readonly SeriesPart[],
  ): Uint32Array {
    const found = this.#find(resource, metric, list.slot, attributes);
    if (found !== undefined) return typeof found === 'number' ? noParts : found;
    const parts = [...totalParts, ...listed(list)];
    const series = this.#maker.make(metric.family.name, parts, resource.labels, attributes) ?? noParts;
    this.#remember(series);
    return series;
  }

  /** The bounds or quantiles of a point. */
  listOf(metric: KnownMetric, numbers: NumberList): BoundList | undefined {
    metric.list = this.#lists.listOf(numbers, metric.list, this.#second);
    return metric.list;
  }

  /** Forgets what did not come since a second. */
  forgetBefore(second: number): void {
    // Points first: they name the others by their slots, and came whenever one of these did.
    for (const table of [this.#points, this.#scopes, this.#resources, this.#metrics, this.#lists])
      table.forgetBefore(second);
  }

  clear(): void {
    for (const table of [this.#points, this.#scopes, this.#resources, this.#metrics, this.#lists]) table.clear();
  }

  /** What is remembered of a point, whose key is there to be added otherwise. */
  #find(
    resource: KnownResource,
    metric: KnownMetric,
    list: number,
    attributes: AttributeList,
  ): SeriesRef | Uint32Array | undefined {
    const key = this.#key;
    key.clear();
    appendNumber(key, resource.slot);
    appendNumber(key, metric.slot);
    appendNumber(key, list);
    appendAttributes(key, attributes);
    return this.#points.stateAt(this.#points.find(key, this.#second));
  }

  /** Remembers the series of the point that was looked for last. */
  #remember(series: SeriesRef | Uint32Array): void {
    if (series === 0 || series === noParts) return;
    const slot = this.#points.add(this.#key, this.#second);
    if (slot !== 0) this.#points.set(slot, series);
    // The lease of the batch keeps them for this once.
    else this.#release(series);
  }

  #release(series: SeriesRef | Uint32Array): void {
    for (const ref of typeof series === 'number' ? [series] : series) if (ref !== 0) this.#table.release(ref);
  }
}

const noParts = new Uint32Array(0);
const onlyPart: readonly SeriesPart[] = [{ suffix: '' }];
const totalParts: readonly SeriesPart[] = [{ suffix: '_sum' }, { suffix: '_count' }];

/** What metrics are that are not counters. */
const types: Readonly<Record<MetricData, MetricType>> = {
  [metricData.none]: metricType.unknown,
  [metricData.gauge]: metricType.gauge,
  [metricData.sum]: metricType.gauge,
  [metricData.histogram]: metricType.histogram,
  [metricData.exponentialHistogram]: metricType.histogram,
  [metricData.summary]: metricType.summary,
};

function familyOf(cursor: MetricCursor, addsSuffixes: boolean): MetricFamily {
  const { bytes, name, unit, description, type, isMonotonic } = cursor;
  const given = utf8(bytes, name.start, name.end);
  const unitText = utf8(bytes, unit.start, unit.end);
  const isCounter = type === metricData.sum && isMonotonic;
  const isGauge = type === metricData.gauge;
  const named = addsSuffixes
    ? nameWithSuffixes({ name: given, unit: unitText, isCounter, isGauge })
    : nameWithoutSuffixes(given);
  const help = utf8(bytes, description.start, description.end);
  return { name: named, type: isCounter ? metricType.counter : types[type], help, unit: unitText };
}
