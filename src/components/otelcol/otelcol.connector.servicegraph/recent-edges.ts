import { ByteTable } from '../../../base/byte-table.ts';
import type { Milliseconds } from '../../../base/duration.ts';
import { edgeKeySize } from './edge-store.ts';

/** Edges that are remembered at least, whatever comes; about 3 MB. */
const maxEdges = 65_536;

/**
 * Remembers which edges were paired lately, so that copies of their spans are not taken for new ones: for a time, unless there are
 * very many, and at most twice that time.
 */
export class RecentEdges {
  #young = new ByteTable(maxEdges);
  #old = new ByteTable(maxEdges);
  #since: Milliseconds = 0;

  has(key: Buffer): boolean {
    return this.#young.find(key, 0, edgeKeySize) !== 0 || this.#old.find(key, 0, edgeKeySize) !== 0;
  }

  add(key: Buffer, now: Milliseconds, time: Milliseconds): void {
    if (now - this.#since >= time || now < this.#since || this.#young.size >= maxEdges) {
      const cleared = this.#old;
      cleared.clear();
      this.#old = this.#young;
      this.#young = cleared;
      this.#since = now;
    }
    this.#young.add(key, 0, edgeKeySize);
  }
}
