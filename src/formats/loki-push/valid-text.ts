import { isUtf8 } from 'node:buffer';
import { utf8 } from '../../base/bytes.ts';
import { labelsOf, type LogBatch } from '../../model/log-batch.ts';
import { LogBatchBuilder } from '../../model/log-batch-builder.ts';

/**
 * The batch with lines that are valid UTF-8, as strings of protobuf must be: a receiver that looks would refuse the whole
 * request for one broken line. Broken sequences become U+FFFD. Most batches are returned as they are.
 */
export function withValidText(batch: LogBatch): LogBatch {
  if (isUtf8(batch.bytes)) return batch;
  const builder = new LogBatchBuilder();
  builder.start(batch.bytes, batch.readAt);
  for (let index = 0; index < batch.count; index++) {
    let start = batch.lineStarts[index] ?? 0;
    let end = batch.lineEnds[index] ?? 0;
    if (!isUtf8(batch.bytes.subarray(start, end))) {
      start = builder.keepText(utf8(batch.bytes, start, end));
      end = builder.end;
    }
    builder.add(start, end, batch.seconds[index] ?? 0, batch.nanos[index] ?? 0, labelsOf(batch, index));
    if (batch.metadata !== undefined) {
      const { bytes, starts, ends } = batch.metadata;
      builder.addMetadata(bytes, starts[index] ?? 0, ends[index] ?? 0);
    }
  }
  return builder.finish() ?? batch;
}
