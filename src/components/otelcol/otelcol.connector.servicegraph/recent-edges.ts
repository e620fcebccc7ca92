import type { Milliseconds } from '../../../base/duration.ts';
import { WordTable } from '../../../base/word-table.ts';
import { edgeWords } from './edge-store.ts';

/** Edges that are remembered at least, whatever comes; about 3 MB. */
const maxEdges = 65_536;

/**
 * Remembers which edges were paired lately, so that copies of their spans are not taken for new ones: for a time, unless there are
 * very many, and at most twice that time.
 */
export class RecentEdges {
  #young = new WordTable(edgeWords, maxEdges);
  #old = new WordTable(edgeWords, maxEdges);
  #since: Milliseconds = 0;

  /** Whether an edge is there, by its key and the hash of that. */
  has(key: Int32Array, hash: number): boolean {
    return this.#young.find(key, hash) !== 0 || this.#old.find(key, hash) !== 0;
  }

  /** Adds an edge that is not there. */
  add(key: Int32Array, hash: number, now: Milliseconds, time: Milliseconds): void {
    if (now - this.#since >= time || now < this.#since || this.#young.size >= maxEdges) {
      const cleared = this.#old;
      cleared.clear();
      this.#old = this.#young;
      this.#young = cleared;
      this.#since = now;
    }
    this.#young.add(key, hash);
  }
}
