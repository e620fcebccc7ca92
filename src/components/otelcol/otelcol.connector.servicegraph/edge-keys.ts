import { hashOfWords } from '../../../base/word-table.ts';
import { spanKind, type SpanCursor } from '../../../formats/otlp/span-cursor.ts';

/** The words of a key: the id of a trace and that of the span on the client's side. */
const traceIdWords = 4;
export const spanIdWords = 2;
export const edgeWords = traceIdWords + spanIdWords;

/** How many spans are read ahead: what is looked up for them stays in the caches until their turn. */
const maxAhead = 64;

/**
 * The keys of the edges that the next spans of a cursor are sides of, with their hashes: all are known before the first is looked
 * up, so that memory can be read for many at a time.
 */
export class EdgeKeys {
  /** The keys, one behind the other, and their hashes. */
  readonly words = new Int32Array(maxAhead * edgeWords);
  readonly hashes = new Int32Array(maxAhead);
  readonly #numbers = new Int32Array(maxAhead);
  /** The chunk that the cursor is in, by bytes and by words. Another one may be in the same memory. */
  #chunk: Buffer = Buffer.alloc(0);
  #view = new DataView(new ArrayBuffer(0)) as DataView;

  /** Reads the keys of spans of the scope that the cursor is in; returns how many there are, 0 at the end. */
  read(cursor: SpanCursor): number {
    const { bytes } = cursor;
    if (this.#chunk !== bytes) {
      this.#chunk = bytes;
      this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    let count = 0;
    while (count < maxAhead && cursor.nextSpan()) {
      const { kind, number } = cursor;
      const isClient = isOfClient(kind);
      if (!isClient && kind !== spanKind.server && kind !== spanKind.consumer) continue;
      const start = count * edgeWords;
      this.#readId(cursor.traceId, traceIdWords, start);
      this.#readId(isClient ? cursor.spanId : cursor.parentSpanId, spanIdWords, start + traceIdWords);
      this.hashes[count] = hashOfWords(this.words, start, edgeWords);
      this.#numbers[count++] = number;
      // There is no way back.
      if (number < 0) break;
    }
    return count;
  }

  /** Lets the cursor go to the span of a key. */
  enter(cursor: SpanCursor, at: number): void {
    const number = this.#numbers[at] as number;
    if (number >= 0) cursor.enterSpan(number);
  }

  /** Reads an id into the keys; one that is missing is the same as zeros. */
  #readId(start: number, words: number, at: number): void {
    for (let word = 0; word < words; word++) {
      this.words[at + word] = start < 0 ? 0 : this.#view.getInt32(start + 4 * word, true);
    }
  }
}

export function isOfClient(kind: number): boolean {
  return kind === spanKind.client || kind === spanKind.producer;
}
