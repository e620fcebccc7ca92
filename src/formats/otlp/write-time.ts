import type { Milliseconds } from '../../base/duration.ts';
import type { MessageWriter } from '../protobuf/message-writer.ts';
import { writeNanoTime } from './nano-time.ts';

/** Writes milliseconds since 1970 as a field of nanoseconds. */
export function writeTime(out: MessageWriter, tag: number, time: Milliseconds): void {
  const at = out.room64(tag);
  const seconds = Math.floor(time / 1000);
  writeNanoTime(out.memory, at, seconds, Math.round((time - seconds * 1000) * 1e6));
}
