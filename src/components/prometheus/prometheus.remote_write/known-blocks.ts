import { makeSampleBlock, maxBlockSeries } from '../../../formats/remote-write/make-sample-block.ts';
import type { SampleBlock } from '../../../formats/remote-write/sample-block.ts';
import type { SeriesRef, SeriesTable } from '../../../model/series-table.ts';

/** Shorter ones are not worth it. */
const minSeries = 8;
/** Blocks have at most twice as many series as there are, and these. */
const minCapacity = 8192;

/** What is known of series that come in a row: that they came, how they are encoded, or that they cannot be. */
interface Known {
  readonly hash: number;
  readonly block: SampleBlock | 'untried' | 'impossible';
}

/**
 * Encoded blocks of series that came in the same order twice, as those of scrape targets do, by their first series: about 35
 * bytes a series. When they are many more than there are series, as where the order changes time and again, all are
 * forgotten.
 */
export class KnownBlocks {
  readonly #table: SeriesTable;
  #known = new Map<SeriesRef, Known>();
  #size = 0;

  constructor(table: SeriesTable) {
    this.#table = table;
  }

  /** Series in blocks. */
  get size(): number {
    return this.#size;
  }

  get table(): SeriesTable {
    return this.#table;
  }

  /** The block that the series from a place on begin with, if they came before; all of it is before the end. */
  find(series: Uint32Array, start: number, end: number): SampleBlock | undefined {
    const first = series[start] ?? 0;
    const known = this.#known.get(first);
    const block = known?.block;
    if (typeof block === 'object' && block.isAt(this.#table, series, start, end)) return block;
    const blockEnd = Math.min(end, start + maxBlockSeries);
    if (blockEnd - start < minSeries) return undefined;
    const hash = hashOf(series, start, blockEnd);
    if (known?.hash !== hash || typeof block === 'object') this.#set(first, { hash, block: 'untried' });
    else if (block === 'untried') {
      const made = makeSampleBlock(this.#table, series, start, blockEnd);
      this.#set(first, { hash, block: made ?? 'impossible' });
      return made;
    }
    return undefined;
  }

  #set(first: SeriesRef, known: Known): void {
    this.#size += seriesIn(known) - seriesIn(this.#known.get(first));
    this.#known.set(first, known);
    if (this.#size <= 2 * this.#table.size + minCapacity && this.#known.size <= this.#table.size + minCapacity) return;
    this.#known = new Map();
    this.#size = 0;
  }
}

function seriesIn(known: Known | undefined): number {
  return typeof known?.block === 'object' ? known.block.count : 0;
}

function hashOf(series: Uint32Array, start: number, end: number): number {
  let hash = end - start;
  for (let index = start; index < end; index++) {
    hash = Math.imul(hash ^ (series[index] ?? 0), 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  return hash;
}
