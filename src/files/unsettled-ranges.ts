import type { Place } from './checkpoint.ts';
import type { Moment } from './line-clock.ts';

/** A range of a file that holds whole lines. */
export interface LineRange {
  readonly start: Place;
  readonly end: Place;
  /** Where the bytes that become lines end; before `end` if the rest of a line is left out. */
  readonly contentEnd: number;
}

/** A range whose lines were sent, and the time of the first of them, so that the very same lines can be sent again. */
export interface SentRange extends LineRange {
  readonly time: Moment;
  /** How many lines it has. */
  readonly count: number;
}

type State = 'sent' | 'failed' | 'delivered';

interface Entry {
  readonly range: SentRange;
  end: Place;
  state: State;
}

/**
 * What was sent of one file and is not known to be delivered to the end, in the order of the file. Ranges that were
 * delivered after one that was not are merged, so that it never holds more than twice the ranges under way.
 */
export class UnsettledRanges {
  readonly #entries: Entry[] = [];
  #delivered: Place;
  #failures = 0;

  /** Begins where everything before counts as delivered. */
  constructor(delivered: Place) {
    this.#delivered = delivered;
  }

  /** Where the longest delivered part from the beginning ends. */
  get delivered(): Place {
    return this.#delivered;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The first range that must be sent again. */
  get failed(): SentRange | undefined {
    if (this.#failures === 0) return undefined;
    return this.#entries.find(({ state }) => state === 'failed')?.range;
  }

  /** Adds a range that follows all others. */
  add(range: SentRange): void {
    this.#entries.push({ range, end: range.end, state: 'sent' });
  }

  /** Marks a failed range as sent again. */
  sentAgain(range: SentRange): void {
    this.#mark(this.#entries[this.#indexOf(range)], 'sent');
  }

  markFailed(range: SentRange): void {
    this.#mark(this.#entries[this.#indexOf(range)], 'failed');
  }

  /** Marks a range as delivered, or given up for good. */
  settle(range: SentRange): void {
    const entries = this.#entries;
    let index = this.#indexOf(range);
    let entry = entries[index];
    if (entry === undefined) return;
    this.#mark(entry, 'delivered');
    if (index === 0) {
      this.#delivered = entry.end;
      entries.shift();
      const next = entries[0];
      if (next?.state === 'delivered') {
        this.#delivered = next.end;
        entries.shift();
      }
      return;
    }
    const before = entries[index - 1];
    if (before?.state === 'delivered') {
      before.end = entry.end;
      entries.splice(index, 1);
      index--;
      entry = before;
    }
    const after = entries[index + 1];
    if (after?.state === 'delivered') {
      entry.end = after.end;
      entries.splice(index + 1, 1);
    }
  }

  #mark(entry: Entry | undefined, state: State): void {
    if (entry === undefined) return;
    this.#failures += Number(state === 'failed') - Number(entry.state === 'failed');
    entry.state = state;
  }

  /** The index of the entry of a range that is not delivered; -1 if there is none. */
  #indexOf(range: SentRange): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.range.start.offset ?? 0) < range.start.offset) low = middle + 1;
      else high = middle;
    }
    const entry = this.#entries[low];
    return entry?.range === range && entry.state !== 'delivered' ? low : -1;
  }
}
