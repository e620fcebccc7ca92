import type { Milliseconds } from '../../../base/duration.ts';
import { grown } from '../../../base/grown-column.ts';
import type { MetricWriter } from '../../../formats/otlp/metric-writer.ts';

/** The ids of an exemplar: of the trace and of the span. */
const idsSize = 24;
const traceIdSize = 16;
/** More are not kept at a time; whoever wants so many asks for more than anyone reads. */
const maxExemplars = 262_144;

/**
 * The exemplars of many series since they were last told, in columns. Those of one series form a chain that begins with the
 * latest; exemplars count from 1 on.
 */
export class ExemplarLog {
  #size = 0;
  #ids = Buffer.alloc(16 * idsSize);
  #values = new Float64Array(16);
  #hasSpan = new Uint8Array(16);
  #previous = new Uint32Array(16);

  /** Adds one before another of the same series, and returns its number; that of the other if there is no room. */
  add(previous: number, bytes: Buffer, traceId: number, spanId: number, value: number): number {
    if (this.#size >= maxExemplars) return previous;
    const at = this.#size++;
    if (this.#size >= this.#values.length) this.#grow();
    bytes.copy(this.#ids, at * idsSize, traceId, traceId + traceIdSize);
    if (spanId >= 0) bytes.copy(this.#ids, at * idsSize + traceIdSize, spanId, spanId + idsSize - traceIdSize);
    this.#hasSpan[at] = spanId >= 0 ? 1 : 0;
    this.#values[at] = value;
    this.#previous[at] = previous;
    return at + 1;
  }

  /** Writes the exemplars of a chain to the point that was begun last. */
  write(writer: MetricWriter, last: number, time: Milliseconds): void {
    for (let number = last; number !== 0; number = this.#previous[number - 1] ?? 0) {
      const at = number - 1;
      const traceId = at * idsSize;
      writer.exemplar({
        time,
        value: this.#values[at] ?? 0,
        bytes: this.#ids,
        traceId,
        spanId: this.#hasSpan[at] === 1 ? traceId + traceIdSize : -1,
      });
    }
  }

  /** Forgets all. The chains of all series must be forgotten too. */
  clear(): void {
    this.#size = 0;
  }

  #grow(): void {
    const capacity = 2 * this.#values.length;
    this.#ids = grown(this.#ids, Buffer.alloc(capacity * idsSize));
    this.#values = grown(this.#values, new Float64Array(capacity));
    this.#hasSpan = grown(this.#hasSpan, new Uint8Array(capacity));
    this.#previous = grown(this.#previous, new Uint32Array(capacity));
  }
}
