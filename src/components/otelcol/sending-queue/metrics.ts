import {
  counter,
  gauge,
  histogram,
  type Counter,
  type Family,
  type Gauge,
  type Histogram,
} from '../../../component/metrics.ts';
import { otlpKinds, otlpSize, type OtlpBatch, type OtlpKind } from '../../../model/otlp-batch.ts';
import type { SendFailure } from './transport.ts';

/** Why telemetry is dropped. */
export const dropReasons = ['refused', 'retries_exhausted', 'too_large', 'partial_success', 'shutdown'] as const;
export type DropReason = (typeof dropReasons)[number];

const itemBounds = [
  10, 25, 50, 75, 100, 250, 500, 750, 1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000, 20_000, 30_000,
  50_000, 100_000,
];
const byteBounds = Array.from({ length: 18 }, (_, step) => 128 * 2 ** step);

const names = { traces: 'spans', metrics: 'metric_points', logs: 'log_records' } as const;

const words = { traces: 'spans', metrics: 'data points', logs: 'log records' } as const;

function sent<const L extends readonly string[]>(kind: OtlpKind, where: L) {
  const doc = `How many ${words[kind]} were delivered.`;
  return counter(`otelcol_exporter_sent_${names[kind]}_total`, doc, ['exporter', ...where]);
}

function failed<const L extends readonly string[]>(kind: OtlpKind, where: L) {
  const doc = `How many ${words[kind]} were given up after all attempts to send them.`;
  const labels = ['exporter', ...where, 'error_type', 'error_permanent'] as const;
  return counter(`otelcol_exporter_send_failed_${names[kind]}_total`, doc, labels);
}

function refused(kind: OtlpKind) {
  const doc = `How many ${words[kind]} were not taken into the queue; their sender was told so.`;
  return counter(`otelcol_exporter_enqueue_failed_${names[kind]}_total`, doc, ['exporter']);
}

/** The metrics of an exporter. `where` are the labels that tell where it sends to. */
export function exporterMetrics<const L extends readonly string[]>(where: L) {
  return {
    sent_traces: sent('traces', where),
    sent_metrics: sent('metrics', where),
    sent_logs: sent('logs', where),
    failed_traces: failed('traces', where),
    failed_metrics: failed('metrics', where),
    failed_logs: failed('logs', where),
    refused_traces: refused('traces'),
    refused_metrics: refused('metrics'),
    refused_logs: refused('logs'),
    queueSize: gauge(
      'otelcol_exporter_queue_size',
      'What is in a queue, in the unit of `sizer`; requests on their way included.',
      ['exporter', 'data_type'],
    ),
    queueCapacity: gauge('otelcol_exporter_queue_capacity', 'What a queue takes at most, in the unit of `sizer`.', [
      'exporter',
      'data_type',
    ]),
    inFlight: gauge('otelcol_exporter_in_flight_requests', 'Requests that are being sent, or wait to be sent again.', [
      'exporter',
    ]),
    batchItems: histogram(
      'otelcol_exporter_queue_batch_send_size',
      'Spans, data points or log records in the requests that were sent.',
      itemBounds,
      ['exporter'],
    ),
    batchBytes: histogram(
      'otelcol_exporter_queue_batch_send_size_bytes',
      'Size of the requests that were sent, as protobuf and not compressed.',
      byteBounds,
      ['exporter'],
    ),
    dropped: counter(
      'millrace_exporter_items_dropped_total',
      'Spans, data points and log records that were dropped. The reason is `refused` if the server does not take them, `retries_exhausted` after `max_elapsed_time`, `too_large` if one alone is larger than a request may be, `partial_success` if the server took the rest of their request, and `shutdown` if there was no time left to send them.',
      ['exporter', 'data_type', 'reason'],
    ),
    corrupted: counter(
      'millrace_exporter_queue_corrupted_total',
      'Damaged places and requests in queues on disk, which were skipped.',
      ['exporter', 'data_type'],
    ),
    diskBytes: gauge('millrace_exporter_queue_disk_bytes', 'Size of a queue on disk.', ['exporter', 'data_type']),
  };
}

type Labelled<M extends Counter | Gauge | Histogram> = Family<M, readonly string[]>;

/** Handles of the metrics of any exporter. */
export interface ExporterFamilies extends Readonly<
  Record<`sent_${OtlpKind}` | `failed_${OtlpKind}` | `refused_${OtlpKind}` | 'dropped' | 'corrupted', Labelled<Counter>>
> {
  readonly queueSize: Labelled<Gauge>;
  readonly queueCapacity: Labelled<Gauge>;
  readonly inFlight: Labelled<Gauge>;
  readonly batchItems: Labelled<Histogram>;
  readonly batchBytes: Labelled<Histogram>;
  readonly diskBytes: Labelled<Gauge>;
}

/** What an exporter counts of one kind of telemetry. */
export class ExporterMeters {
  readonly kind: OtlpKind;
  readonly #families: ExporterFamilies;
  readonly #exporter: string;

  constructor(families: ExporterFamilies, exporter: string, kind: OtlpKind) {
    this.kind = kind;
    this.#families = families;
    this.#exporter = exporter;
    // Rates and alerts need what has not happened yet, too.
    for (const reason of dropReasons) this.dropped(0, reason);
    this.refused(0);
  }

  sent({ count }: OtlpBatch, where: readonly string[]): void {
    this.#families[`sent_${this.kind}`].with(this.#exporter, ...where).inc(count);
  }

  failed({ count }: OtlpBatch, where: readonly string[], { type, isRetryable }: SendFailure): void {
    this.#families[`failed_${this.kind}`].with(this.#exporter, ...where, type, String(!isRetryable)).inc(count);
  }

  /** Counts what was not taken into the queue. */
  refused(items: number): void {
    this.#families[`refused_${this.kind}`].with(this.#exporter).inc(items);
  }

  dropped(items: number, reason: DropReason): void {
    this.#families.dropped.with(this.#exporter, this.kind, reason).inc(items);
  }

  corrupted(records: number): void {
    this.#families.corrupted.with(this.#exporter, this.kind).inc(records);
  }

  /** A request is on its way from now on, and with -1 not any more. */
  inFlight(change: 1 | -1): void {
    this.#families.inFlight.with(this.#exporter).inc(change);
  }

  batch(batch: OtlpBatch): void {
    this.#families.batchItems.with(this.#exporter).observe(batch.count);
    this.#families.batchBytes.with(this.#exporter).observe(otlpSize(batch));
  }

  queue(size: number, capacity: number): void {
    this.#families.queueSize.with(this.#exporter, this.kind).set(size);
    this.#families.queueCapacity.with(this.#exporter, this.kind).set(capacity);
  }

  disk(bytes: number): void {
    this.#families.diskBytes.with(this.#exporter, this.kind).set(bytes);
  }
}

/** What an exporter counts, by kind. */
export function metersByKind(families: ExporterFamilies, exporter: string): Readonly<Record<OtlpKind, ExporterMeters>> {
  const all = otlpKinds.map((kind) => [kind, new ExporterMeters(families, exporter, kind)] as const);
  return Object.fromEntries(all) as Record<OtlpKind, ExporterMeters>;
}
