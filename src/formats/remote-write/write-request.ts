import type { SampleBatch } from '../../model/sample-batch.ts';
import type { SeriesRef } from '../../model/series-table.ts';
import type { SampleBlock } from './sample-block.ts';

/** What requests say of themselves: `Content-Type`, and the version in a header of its own. */
export const writeProtocols = {
  v1: { message: 'prometheus.WriteRequest', contentType: 'application/x-protobuf', version: '0.1.0' },
  v2: {
    message: 'io.prometheus.write.v2.Request',
    contentType: 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
    version: '2.0.0',
  },
} as const;

/**
 * An open request of remote write. What is added is encoded at once, each sample as a time series of its own, in the order
 * of adding; nothing of the batch is kept. The series is given by its number in the table of the batch, which may be
 * another than that in the batch itself.
 */
export interface WriteRequestBuilder {
  readonly sampleCount: number;
  readonly histogramCount: number;
  readonly exemplarCount: number;
  readonly metadataCount: number;
  /** The size of the request so far, without compression. */
  readonly size: number;
  addSample(batch: SampleBatch, index: number, series: SeriesRef): void;
  /** Adds samples for a block of series, where a version can; see `sample-block.ts`. */
  addBlock?(batch: SampleBatch, block: SampleBlock, indices: Uint32Array, from: number): void;
  addHistogram(batch: SampleBatch, index: number, series: SeriesRef): void;
  addExemplar(batch: SampleBatch, index: number, series: SeriesRef): void;
  /**
   * The body of the HTTP request, compressed, in memory of its own with so many bytes of room before it. The builder is
   * empty then.
   */
  finish(room?: number): Buffer;
  /** As `finish`, without compression. */
  finishPlain(): Buffer;
}
