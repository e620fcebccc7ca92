/** What an OTLP batch holds: spans, metrics with their data points, or log records. */
export type OtlpKind = 'traces' | 'metrics' | 'logs';

export const otlpKinds: readonly OtlpKind[] = ['traces', 'metrics', 'logs'];

/** What the items of each kind are called. */
export const otlpItems: Readonly<Record<OtlpKind, string>> = {
  traces: 'spans',
  metrics: 'data points',
  logs: 'log records',
};

/**
 * OTLP telemetry in wire form. The chunks, one after the other, are the body of an export request: fields of number 1,
 * each a serialised ResourceSpans, ResourceMetrics or ResourceLogs, and each whole within one chunk. So batches are
 * joined by joining their lists, and sent without being written anew.
 *
 * The bytes follow the format at every depth, which whoever makes a batch of foreign bytes has checked; ids have their
 * lengths or are empty. Strings may be invalid UTF-8, and unknown fields are kept.
 *
 * A batch is immutable once it was handed over, until it was delivered: its memory may be used again then. Whoever wants bytes of
 * it for longer makes a copy, as does whoever gives them to something that may go on reading them, such as a connection.
 */
export interface OtlpBatch {
  readonly kind: OtlpKind;
  readonly chunks: readonly Buffer[];
  /** The number of spans, data points or log records. */
  readonly count: number;
  /** Who sent it; undefined where it was made here, or joined from several. */
  readonly client: OtlpClient | undefined;
}

/** What is known of the sender of a request. */
export interface OtlpClient {
  /** Its IP address. */
  readonly address: string | undefined;
  /** The metadata or headers of the request by lower-case name, where the receiver includes them. */
  readonly metadata: ReadonlyMap<string, readonly string[]>;
  /** What the server authenticator tells of it, such as `username`. */
  readonly auth: ReadonlyMap<string, string>;
}

/** The number of bytes of the export request. */
export function otlpSize({ chunks }: OtlpBatch): number {
  let size = 0;
  for (const chunk of chunks) size += chunk.length;
  return size;
}
