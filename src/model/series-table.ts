import { ByteTable } from '../base/byte-table.ts';
import { grown } from '../base/grown-column.ts';
import { decodeLabels, valueOfLabel } from './encoded-labels.ts';
import { Labels } from './labels.ts';

/** A series by its number. Zero is none. */
export type SeriesRef = number;

export interface SeriesTableOptions {
  /** Series in the table, with those that nobody needs any more. */
  readonly maxSeries: number;
  /** How long a series that nobody needs is kept in case it comes again, in seconds. */
  readonly lingerSeconds: number;
  /** The time in seconds, from any moment on; must not go back. */
  readonly now?: () => number;
}

/** How many series that nobody needs are looked at, at each step. */
const reclaimStep = 64;
/** At most this many linger, and a quarter of those that are needed. */
const minLingering = 10_000;

/**
 * The series of a process, each with a number and its labels in the form of `encoded-labels.ts`. About 30 bytes a series
 * besides its labels.
 *
 * **Ownership.** `intern` gives its caller a share in the series, which `release` ends. What remembers series over time has
 * shares: the cache of a scrape target, a map from series to series (`SeriesMap`), a request that is being answered. A
 * series without shares lingers for a while, or until room is needed, and is then *reclaimed*: its number may be that of
 * another series from then on, of the next generation.
 *
 * **Batches** name series without having shares. Whoever makes up the delivery of a batch opens a lease before it takes
 * numbers from anywhere and closes it when the batch was delivered; nothing that was in use meanwhile is reclaimed until
 * then. Components that pass batches on under the same delivery need none. Who keeps numbers beyond a delivery needs
 * shares or compares generations.
 */
export class SeriesTable {
  readonly #options: SeriesTableOptions;
  readonly #now: () => number;
  readonly #keys: ByteTable;
  readonly #listeners = new Set<(ref: SeriesRef) => void>();
  /** When the leases were opened that are open, the oldest first. */
  readonly #leases = new Map<number, number>();
  #lastLease = 0;
  #shares = new Uint32Array(16);
  #generations = new Uint32Array(16);
  /** When the last share ended. */
  #releasedAt = new Uint32Array(16);
  /** Whether a series is among those that wait to be reclaimed. */
  #isWaiting = new Uint8Array(16);
  /** A ring. Some may have got shares again. */
  #waiting = new Uint32Array(16);
  #waitingStart = 0;
  #waitingCount = 0;
  #lingering = 0;
  #isReclaiming = false;

  constructor(options: SeriesTableOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now() / 1000);
    this.#keys = new ByteTable(options.maxSeries);
  }

  /** Series in the table. */
  get size(): number {
    return this.#keys.size;
  }

  /** Those of them that nobody needs any more. */
  get lingering(): number {
    return this.#lingering;
  }

  /** All numbers are below; grows. For the columns of those who keep something for each series. */
  get capacity(): number {
    return this.#keys.capacity;
  }

  /** The memory of the table. */
  get byteSize(): number {
    return this.#keys.byteSize + 13 * this.#shares.length + 4 * this.#waiting.length;
  }

  /** Leases that are open: batches on their way. */
  get openLeases(): number {
    return this.#leases.size;
  }

  /** The series with those labels, and a share in it; 0 if the table is full, or the labels take over 256 KiB. */
  intern(bytes: Buffer, start: number, end: number): SeriesRef {
    let ref = this.#keys.add(bytes, start, end);
    if (ref === 0) {
      if (this.#keys.size < this.#options.maxSeries) return 0;
      this.#reclaim(reclaimStep, true);
      ref = this.#keys.add(bytes, start, end);
      if (ref === 0) return 0;
    }
    if (ref >= this.#shares.length) this.#grow();
    this.retain(ref);
    return ref;
  }

  /** The series with those labels, without a share in it; 0 if there is none. */
  find(bytes: Buffer, start: number, end: number): SeriesRef {
    return this.#keys.find(bytes, start, end);
  }

  /** Takes another share. The caller has one, or the series is of a batch that is on its way. */
  retain(ref: SeriesRef): void {
    const shares = this.#shares[ref] ?? 0;
    this.#shares[ref] = shares + 1;
    if (shares === 0 && this.#isWaiting[ref] === 1) this.#lingering--;
  }

  release(ref: SeriesRef): void {
    const shares = this.#shares[ref] ?? 0;
    if (shares === 0) throw new Error('a series was released that nobody needs');
    this.#shares[ref] = shares - 1;
    if (shares > 1) return;
    this.#lingering++;
    this.#releasedAt[ref] = this.#now();
    if (this.#isWaiting[ref] === 0) this.#await(ref);
    this.#reclaim(2, false);
  }

  /** Tells the series of one number in the course of time from each other. */
  generationOf(ref: SeriesRef): number {
    return this.#generations[ref] ?? 0;
  }

  /** Protects the series that are in use from now on; see above. */
  openLease(): number {
    this.#leases.set(++this.#lastLease, this.#now());
    return this.#lastLease;
  }

  closeLease(lease: number): void {
    this.#leases.delete(lease);
    this.#reclaim(reclaimStep, false);
  }

  /** Has a function called with each series that is reclaimed, just before; returns the end of that. */
  onReclaim(listener: (ref: SeriesRef) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The memory in which the labels of a series are, until the next series is released. */
  bytesOf(ref: SeriesRef): Buffer {
    return this.#keys.bytesOf(ref);
  }

  startOf(ref: SeriesRef): number {
    return this.#keys.startOf(ref);
  }

  endOf(ref: SeriesRef): number {
    return this.#keys.endOf(ref);
  }

  sizeOf(ref: SeriesRef): number {
    return this.#keys.sizeOf(ref);
  }

  /** Empty for a series that is not kept any more. */
  labelsOf(ref: SeriesRef): Labels {
    if (!this.#keys.has(ref)) return Labels.empty;
    return decodeLabels(this.bytesOf(ref), this.startOf(ref), this.endOf(ref));
  }

  /** The value of one label, whose name is given as UTF-8. */
  valueOf(ref: SeriesRef, name: Buffer): string | undefined {
    return valueOfLabel(this.bytesOf(ref), this.startOf(ref), this.endOf(ref), name);
  }

  #await(ref: SeriesRef): void {
    if (this.#waitingCount === this.#waiting.length) {
      const larger = new Uint32Array(2 * this.#waitingCount);
      const tail = this.#waiting.subarray(this.#waitingStart);
      larger.set(tail);
      larger.set(this.#waiting.subarray(0, this.#waitingStart), tail.length);
      this.#waiting = larger;
      this.#waitingStart = 0;
    }
    this.#waiting[(this.#waitingStart + this.#waitingCount++) & (this.#waiting.length - 1)] = ref;
    this.#isWaiting[ref] = 1;
  }

  /** Looks at so many of those that wait, the oldest first, and reclaims what nobody will ask for. */
  #reclaim(steps: number, isUrgent: boolean): void {
    // What is reclaimed ends shares in other series, which come later.
    if (this.#waitingCount === 0 || this.#isReclaiming) return;
    this.#isReclaiming = true;
    const now = this.#now();
    let leasedSince = Infinity;
    for (const openedAt of this.#leases.values()) {
      leasedSince = Math.floor(openedAt);
      break;
    }
    for (let step = Math.min(steps, this.#waitingCount); step > 0; step--) {
      const ref = this.#waiting[this.#waitingStart] ?? 0;
      this.#waitingStart = (this.#waitingStart + 1) & (this.#waiting.length - 1);
      this.#waitingCount--;
      this.#isWaiting[ref] = 0;
      if ((this.#shares[ref] ?? 0) > 0) continue;
      const releasedAt = this.#releasedAt[ref] ?? 0;
      const canLinger = now - releasedAt < this.#options.lingerSeconds && !isUrgent && !this.#areTooManyLingering();
      if (releasedAt >= leasedSince || canLinger) {
        this.#await(ref);
        continue;
      }
      this.#lingering--;
      for (const listener of this.#listeners) listener(ref);
      this.#generations[ref] = (this.#generations[ref] ?? 0) + 1;
      this.#keys.delete(ref);
    }
    this.#isReclaiming = false;
  }

  #areTooManyLingering(): boolean {
    return this.#lingering > Math.max(minLingering, (this.size - this.#lingering) / 4);
  }

  #grow(): void {
    const { capacity } = this;
    this.#shares = grown(this.#shares, new Uint32Array(capacity));
    this.#generations = grown(this.#generations, new Uint32Array(capacity));
    this.#releasedAt = grown(this.#releasedAt, new Uint32Array(capacity));
    this.#isWaiting = grown(this.#isWaiting, new Uint8Array(capacity));
  }
}

/** The table of the process, to which the series of all batches belong. */
export const allSeries = new SeriesTable({ maxSeries: 8_000_000, lingerSeconds: 300 });
