import { Tracking, type Delivery, type Settle } from '../../../flow/delivery.ts';
import { OtlpSplitter } from '../../../formats/otlp/splitter.ts';
import { otlpSize, type OtlpBatch } from '../../../model/otlp-batch.ts';

/** A batch that came and waits. */
interface Waiting {
  readonly batch: OtlpBatch;
  /** Of what is left of it. */
  bytes: number;
  /** Acknowledges it, or counts the parts that must be delivered for that, if it was divided. */
  readonly settle: Settle;
  divided: { readonly splitter: OtlpSplitter; readonly tracking: Tracking } | undefined;
}

/** Chunks of a batch that is made of several, and who waits for it. */
export interface Joined {
  readonly chunks: readonly Buffer[];
  readonly count: number;
  /** What it took of the bytes that were pending. */
  readonly bytes: number;
  /** Acknowledges all that is in it. */
  readonly settle: Settle;
}

/** Batches of one kind that wait to become larger ones, in the order in which they came. Equal resources stay apart. */
export class PendingItems {
  count = 0;
  readonly #waiting: Waiting[] = [];

  /** Returns how many bytes there are more. */
  add(batch: OtlpBatch, delivery: Delivery): number {
    const bytes = otlpSize(batch);
    this.#waiting.push({ batch, bytes, settle: delivery.hold(), divided: undefined });
    this.count += batch.count;
    return bytes;
  }

  /** Takes so many items, or all if there are not more. */
  take(atMost: number): Joined {
    const chunks: Buffer[] = [];
    const holds: Settle[] = [];
    let count = 0;
    let bytes = 0;
    let used = 0;
    for (let room = atMost; room > 0; room = atMost - count) {
      const first = this.#waiting[used];
      if (first === undefined) break;
      const left = first.divided?.splitter.left ?? first.batch.count;
      if (left > room) first.divided ??= divide(first);
      const part = first.divided === undefined ? first.batch : first.divided.splitter.take(room);
      for (const chunk of part?.chunks ?? []) chunks.push(chunk);
      count += Math.min(left, room);
      holds.push(first.divided?.tracking.hold() ?? first.settle);
      if (left <= room) {
        // The last part has been given out.
        first.divided?.tracking.settle();
        bytes += first.bytes;
        used++;
      } else {
        // Parts repeat what is said of all items, so that they may be larger than the whole.
        const size = part === undefined ? 0 : Math.min(otlpSize(part), first.bytes);
        first.bytes -= size;
        bytes += size;
      }
    }
    this.#waiting.splice(0, used);
    this.count -= count;
    return { chunks, count, bytes, settle: (error) => holds.forEach((settle) => settle(error)) };
  }
}

function divide({ batch, settle }: Waiting): NonNullable<Waiting['divided']> {
  return { splitter: new OtlpSplitter(batch), tracking: new Tracking(new AbortController().signal, settle) };
}
