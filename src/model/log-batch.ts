import { utf8 } from '../base/bytes.ts';
import type { Labels } from './labels.ts';
import { decodeMetadata, type MetadataPair } from './structured-metadata.ts';

/**
 * Log entries as columns over one arena of bytes. A batch is immutable once it was handed over: whoever changes entries
 * builds a new batch, which may share the arena. Holding a batch holds its arena, so sources give each its own.
 */
export interface LogBatch {
  /** The arena: lines are ranges of it. */
  readonly bytes: Buffer;
  /** Number of entries; the columns below have one element for each. */
  readonly count: number;
  readonly lineStarts: Uint32Array;
  readonly lineEnds: Uint32Array;
  /** The timestamp, as whole seconds since 1970 and nanoseconds below one second. */
  readonly seconds: Float64Array;
  readonly nanos: Uint32Array;
  /** The distinct label sets, and which of them each entry has. */
  readonly streams: readonly Labels[];
  readonly streamOf: Uint32Array;
  /** Structured metadata in the form of `structured-metadata.ts`; absent if no entry has any. */
  readonly metadata: MetadataColumns | undefined;
  /** When the entries were read, in milliseconds since 1970; for latency figures. */
  readonly readAt: number;
}

export interface MetadataColumns {
  /** An arena of its own, since metadata rarely comes from where lines do. */
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

/** One entry as text, for places where speed does not matter: logs, live debugging, tests. */
export interface LogEntry {
  readonly line: string;
  readonly seconds: number;
  readonly nanos: number;
  readonly labels: Labels;
  readonly metadata: readonly MetadataPair[];
}

export function lineText(batch: LogBatch, index: number): string {
  return utf8(batch.bytes, batch.lineStarts[index] ?? 0, batch.lineEnds[index] ?? 0);
}

export function labelsOf(batch: LogBatch, index: number): Labels {
  return batch.streams[batch.streamOf[index] ?? 0] as Labels;
}

export function metadataOf(batch: LogBatch, index: number): MetadataPair[] {
  const { metadata } = batch;
  if (metadata === undefined) return [];
  return decodeMetadata(metadata.bytes, metadata.starts[index] ?? 0, metadata.ends[index] ?? 0);
}

export function* entriesOf(batch: LogBatch): Generator<LogEntry> {
  for (let index = 0; index < batch.count; index++) {
    yield {
      line: lineText(batch, index),
      seconds: batch.seconds[index] ?? 0,
      nanos: batch.nanos[index] ?? 0,
      labels: labelsOf(batch, index),
      metadata: metadataOf(batch, index),
    };
  }
}
