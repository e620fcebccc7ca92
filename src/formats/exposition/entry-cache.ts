import { ByteTable } from '../../base/byte-table.ts';
import { grown } from '../../base/grown-column.ts';

/**
 * The series that a scrape target has exposed, by the bytes that it writes them with. Targets write their series in the
 * same order each time, so the next one is looked for where it came last time: a comparison and no hash.
 *
 * Slots count from 1 on. The owner, who scrapes the target, has columns by slot for what it decided, deletes series that
 * did not come again, and makes a new cache when most slots have become free.
 */
export class EntryCache {
  readonly #keys: ByteTable;
  /** The slot that came after each. */
  #followers = new Uint32Array(16);
  #last = 0;
  #expected = 0;
  #isRefusing = false;

  /** A cache of at most so many series. */
  constructor(maxSeries: number) {
    this.#keys = new ByteTable(maxSeries);
  }

  get size(): number {
    return this.#keys.size;
  }

  /** All slots are below; grows. */
  get capacity(): number {
    return this.#keys.capacity;
  }

  get byteSize(): number {
    return this.#keys.byteSize + 4 * this.#followers.length;
  }

  has(slot: number): boolean {
    return this.#keys.has(slot);
  }

  delete(slot: number): void {
    this.#keys.delete(slot);
  }

  /** Begins a document. */
  rewind(): void {
    this.#isRefusing = false;
    this.#last = 0;
    this.#expected = this.#followers[0] ?? 0;
  }

  /** The slot that is expected next if the bytes from a place on begin with its key; 0 otherwise. */
  expected(bytes: Buffer, start: number, end: number): number {
    return this.#expected !== 0 && this.#keys.isAt(this.#expected, bytes, start, end) ? this.#expected : 0;
  }

  sizeOf(slot: number): number {
    return this.#keys.sizeOf(slot);
  }

  find(bytes: Buffer, start: number, end: number): number {
    return this.#keys.find(bytes, start, end);
  }

  /** Has no room for further keys until the next document begins. */
  refuseNew(): void {
    this.#isRefusing = true;
  }

  /** Gives a key that is not there a slot; 0 if there is no room. */
  add(bytes: Buffer, start: number, end: number): number {
    if (this.#isRefusing) return 0;
    const slot = this.#keys.add(bytes, start, end);
    if (slot >= this.#followers.length) this.#followers = grown(this.#followers, new Uint32Array(this.capacity));
    // What was expected here will come behind the new one.
    if (slot !== 0) this.#followers[slot] = this.#expected;
    return slot;
  }

  /** Remembers that a series came. */
  visit(slot: number): void {
    this.#followers[this.#last] = slot;
    this.#last = slot;
    this.#expected = this.#followers[slot] ?? 0;
  }
}
