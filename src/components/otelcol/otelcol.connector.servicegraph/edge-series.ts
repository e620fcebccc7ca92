import type { Milliseconds } from '../../../base/duration.ts';
import { AttributeWriter } from '../../../formats/otlp/attribute-writer.ts';
import {
  MetricWriter,
  temporality,
  type EncodedAttributes,
  type MetricIdentity,
  type PointHead,
} from '../../../formats/otlp/metric-writer.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import type { HistogramShape } from '../metric-series/histogram-column.ts';
import { absentPart, KeyBuilder, partEnd, partStart } from '../metric-series/key-builder.ts';
import { SeriesRows } from '../metric-series/series-rows.ts';

/** More edges than that are no graph that anyone can look at. */
const maxSeries = 131_072;

export const connectionTypes = ['', 'messaging_system', 'database', 'virtual_node'] as const;
export const virtualSides = ['', 'client', 'server'] as const;
export const connection = { direct: 0, messaging: 1, database: 2, virtual: 3 } as const;
export const virtualSide = { none: 0, client: 1, server: 2 } as const;

/** What is told of an edge beside its two sides. */
export interface EdgeFacts {
  readonly connection: number;
  readonly isFailed: boolean;
  readonly virtualSide: number;
  readonly clientSeconds: number;
  readonly serverSeconds: number;
}

/** Where in a key is whether the edge failed. */
const failedAt = 1;

const identity = (name: string, unit = ''): MetricIdentity => ({
  name: `traces_service_graph_${name}`,
  description: '',
  unit,
});
const requests = identity('request_total');
const failures = identity('request_failed_total');
const latencies = [identity('request_server', 's'), identity('request_client', 's')] as const;
const noAttributes: EncodedAttributes = { bytes: Buffer.alloc(0), start: 0, end: 0 };

/** The metrics of edges. The key of a series holds the texts of all its attributes. */
export class EdgeSeries {
  readonly #names: readonly string[];
  readonly #hasVirtualLabel: boolean;
  readonly #rows: SeriesRows;
  readonly #key = new KeyBuilder();
  readonly #attributes = new AttributeWriter();
  readonly #writer = new MetricWriter();

  constructor(dimensions: readonly string[], histogram: HistogramShape, hasVirtualLabel: boolean) {
    const side = (name: string): string[] => [name, ...dimensions.map((dimension) => `${name}_${dimension}`)];
    this.#names = [...side('client'), ...side('server')];
    this.#hasVirtualLabel = hasVirtualLabel;
    this.#rows = new SeriesRows({
      histograms: [histogram, histogram],
      limit: Infinity,
      budget: { limit: maxSeries, used: 0 },
    });
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Whether there is something that no request has. */
  get hasChanges(): boolean {
    return this.#rows.hasChanges(false);
  }

  /** Begins the key of an edge; the parts of the client and then of the server follow in `key`. */
  begin({ connection: type, isFailed, virtualSide: side }: EdgeFacts): KeyBuilder {
    const key = this.#key;
    key.clear();
    key.choice(type);
    key.choice(isFailed ? 1 : 0);
    key.choice(this.#hasVirtualLabel ? side : 0);
    return key;
  }

  /** Counts the edge whose key was put together; whether it has a series of its own. */
  count({ clientSeconds, serverSeconds }: EdgeFacts, now: Milliseconds): boolean {
    const rows = this.#rows;
    const { bytes, size, isTooLong } = this.#key;
    let row = isTooLong ? 0 : rows.find(bytes, 0, size);
    if (row === 0) {
      row = isTooLong || !rows.hasRoom ? rows.overflow(now) : rows.add(bytes, 0, size, this.#attributesOf(), now);
    }
    rows.count(row, 1, now);
    rows.histograms[0]?.observe(row, serverSeconds, 1);
    rows.histograms[1]?.observe(row, clientSeconds, 1);
    return !rows.isOverflow(row);
  }

  write(time: Milliseconds): OtlpBatch | undefined {
    const rows = this.#rows;
    const out = this.#writer;
    const list: number[] = [];
    for (let row = 1; row < rows.capacity; row++) {
      if (!rows.has(row)) continue;
      // The clock may have been set back meanwhile.
      if ((rows.starts[row] ?? 0) > time) rows.starts[row] = time;
      list.push(row);
    }
    if (list.length === 0) return undefined;
    const head = (row: number): PointHead => ({
      attributes: rows.attributesOf(row),
      startTime: rows.starts[row] ?? 0,
      time,
    });
    out.resource(noAttributes);
    out.scope('traces_service_graph');
    const failed = list.filter((row) => rows.keyByte(row, failedAt) === 1);
    for (const [metric, those] of [
      [requests, list],
      [failures, failed],
    ] as const) {
      if (those.length === 0) continue;
      out.sum(metric, temporality.cumulative, true);
      for (const row of those) out.integerPoint(head(row), rows.counts[row] ?? 0);
    }
    for (const [index, metric] of latencies.entries()) {
      const histogram = rows.histograms[index];
      histogram?.writeMetric(out, metric, temporality.cumulative);
      for (const row of list) histogram?.writePoint(out, head(row), row, rows.counts[row] ?? 0);
    }
    for (const row of list) rows.written(row, false);
    return out.finish();
  }

  settle(isAccepted: boolean): void {
    this.#rows.settle(isAccepted);
  }

  /** Ends the series that had no edge since a time, and of which nothing is left to send. */
  endBefore(time: Milliseconds): void {
    const rows = this.#rows;
    for (let row = 1; row < rows.capacity; row++) {
      if (rows.has(row) && (rows.lastSeen[row] ?? 0) < time && !rows.isUnsent(row)) rows.remove(row);
    }
  }

  /** Reads the key that was put together. */
  #attributesOf(): EncodedAttributes {
    const { bytes } = this.#key;
    const [type = 0, isFailed = 0, side = 0] = bytes;
    const writer = this.#attributes;
    writer.clear();
    let at = 3;
    for (const name of this.#names) {
      const end = partEnd(bytes, at);
      if (bytes[at] !== absentPart) writer.textBytes(name, bytes, partStart(bytes, at), end);
      at = end;
    }
    writer.text('connection_type', connectionTypes[type] ?? '');
    writer.bool('failed', isFailed === 1);
    if (this.#hasVirtualLabel) writer.text('virtual_node', virtualSides[side] ?? '');
    return writer.list;
  }
}
