import type { AttributeList } from './attribute-list.ts';
import { DataPoint, metricData, type MetricData } from './data-point.ts';
import { ResourceCursor, type ByteRange } from './resource-cursor.ts';

const scopeAttributes = 0x1a;
const metricTag = { name: 0x0a, description: 0x12, unit: 0x1a };
const dataTag = { points: 0x0a, temporality: 0x10, isMonotonic: 0x18 };

/** The types of data by their tags in a metric. */
const dataTypes: Readonly<Record<number, MetricData>> = {
  0x2a: metricData.gauge,
  0x3a: metricData.sum,
  0x4a: metricData.histogram,
  0x52: metricData.exponentialHistogram,
  0x5a: metricData.summary,
};

/**
 * Goes through the data points of a batch: `nextResource`, in it `nextScope`, in it `nextMetric`, in it `nextPoint`, and
 * `nextExemplar` of the point.
 */
export class MetricCursor extends ResourceCursor {
  readonly name: ByteRange = { start: 0, end: 0 };
  readonly description: ByteRange = { start: 0, end: 0 };
  readonly unit: ByteRange = { start: 0, end: 0 };
  type: MetricData = metricData.none;
  /** Of sums and histograms: one of `temporality` of `metric-writer.ts`, or 0 if it is not said. */
  temporality = 0;
  /** Of sums. */
  isMonotonic = false;
  readonly point = new DataPoint();
  #pointAt = 0;
  #pointsEnd = 0;

  nextMetric(): boolean {
    const end = this.nextItem();
    if (end < 0) return false;
    this.#readMetric(end);
    return true;
  }

  nextPoint(): boolean {
    const { reader } = this;
    const end = this.#pointsEnd;
    reader.at = this.#pointAt;
    while (reader.at < end) {
      const field = reader.varint();
      if (field !== dataTag.points) {
        reader.skip(field);
        continue;
      }
      const length = reader.varint();
      this.#pointAt = reader.at + length;
      this.point.read(this.type, this.bytes, reader.at, this.#pointAt);
      return true;
    }
    this.#pointAt = end;
    return false;
  }

  /** Passes over the points that are left of the metric, and returns how many there were. */
  skipPoints(): number {
    const { reader } = this;
    const end = this.#pointsEnd;
    let points = 0;
    for (reader.at = this.#pointAt; reader.at < end;) {
      const field = reader.varint();
      if (field === dataTag.points) points++;
      reader.skip(field);
    }
    this.#pointAt = end;
    return points;
  }

  /** Reads the attributes of the scope, which few want. */
  readScopeAttributes(list: AttributeList): void {
    const { reader, scopeRange } = this;
    list.clear(this.bytes);
    reader.at = scopeRange.start;
    while (reader.at < scopeRange.end) {
      const field = reader.varint();
      if (field === scopeAttributes) this.attribute(list);
      else reader.skip(field);
    }
  }

  #readMetric(end: number): void {
    const { reader, name, description, unit } = this;
    name.start = name.end = description.start = description.end = unit.start = unit.end = end;
    this.type = metricData.none;
    this.#pointAt = this.#pointsEnd = end;
    while (reader.at < end) {
      const field = reader.varint();
      if (field === metricTag.name) this.range(name);
      else if (field === metricTag.description) this.range(description);
      else if (field === metricTag.unit) this.range(unit);
      else {
        const type = dataTypes[field];
        if (type === undefined) reader.skip(field);
        else this.#readData(type);
      }
    }
  }

  /** What stands after the points says what they mean. */
  #readData(type: MetricData): void {
    const { reader } = this;
    const length = reader.varint();
    const end = reader.at + length;
    this.type = type;
    this.#pointAt = reader.at;
    this.#pointsEnd = end;
    this.temporality = 0;
    this.isMonotonic = false;
    while (reader.at < end) {
      const field = reader.varint();
      // The field with this number of a summary or gauge is unknown.
      if (field === dataTag.temporality) this.temporality = reader.varint();
      else if (field === dataTag.isMonotonic) this.isMonotonic = reader.varint() !== 0;
      else reader.skip(field);
    }
  }
}
