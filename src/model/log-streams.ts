import type { Labels } from './labels.ts';
import type { LogBatch } from './log-batch.ts';

/**
 * The batch with other label sets, made once for each stream; entries whose stream becomes nothing are left out.
 * Undefined if none is left. Everything that stays the same is shared.
 */
export function mapStreams(batch: LogBatch, map: (labels: Labels) => Labels | undefined): LogBatch | undefined {
  const mapped = batch.streams.map(map);
  if (!mapped.includes(undefined)) return { ...batch, streams: mapped as Labels[] };

  const kept: number[] = [];
  for (let index = 0; index < batch.count; index++) {
    if (mapped[batch.streamOf[index] ?? 0] !== undefined) kept.push(index);
  }
  if (kept.length === 0) return undefined;
  const streams = mapped.filter((labels) => labels !== undefined);
  let next = 0;
  const newIndex = mapped.map((labels) => (labels === undefined ? -1 : next++));
  const { metadata } = batch;
  const pick = <T extends Uint32Array | Float64Array>(column: T, target: T): T => {
    for (let at = 0; at < kept.length; at++) target[at] = column[kept[at] ?? 0] ?? 0;
    return target;
  };
  const count = kept.length;
  return {
    ...batch,
    count,
    lineStarts: pick(batch.lineStarts, new Uint32Array(count)),
    lineEnds: pick(batch.lineEnds, new Uint32Array(count)),
    seconds: pick(batch.seconds, new Float64Array(count)),
    nanos: pick(batch.nanos, new Uint32Array(count)),
    streams,
    streamOf: pick(batch.streamOf, new Uint32Array(count)).map((stream) => newIndex[stream] ?? 0),
    metadata: metadata && {
      bytes: metadata.bytes,
      starts: pick(metadata.starts, new Uint32Array(count)),
      ends: pick(metadata.ends, new Uint32Array(count)),
    },
  };
}
