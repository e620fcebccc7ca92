import { ByteBuilder } from '../../../base/byte-builder.ts';
import { floatText } from '../../../base/float-text.ts';
import type { NumberList } from '../../../formats/otlp/number-list.ts';
import { StateTable } from './state-table.ts';

/** The bounds of a histogram, or the quantiles of a summary, sorted and each once. */
export interface BoundList {
  /** A number of the list; those of lists that are in use differ. */
  readonly slot: number;
  /** As they came. */
  readonly given: Float64Array;
  readonly sorted: readonly number[];
  /** As values of labels. */
  readonly texts: readonly string[];
  /** Where each of the given ones is in the sorted ones; their number for those that are no bounds: NaN and infinity. */
  readonly places: Uint32Array;
}

/** The lists that data points have, of which many have the same. */
export class BoundLists {
  readonly #lists: StateTable<BoundList>;
  readonly #key = new ByteBuilder();

  /** At most so many lists. */
  constructor(maxSize: number) {
    this.#lists = new StateTable(maxSize);
  }

  get size(): number {
    return this.#lists.size;
  }

  /** The list with these numbers, which is most likely one that is known; undefined if there is no room for it. */
  listOf(numbers: NumberList, likely: BoundList | undefined, second: number): BoundList | undefined {
    const lists = this.#lists;
    if (likely !== undefined && lists.stateAt(likely.slot) === likely && isSame(likely.given, numbers)) {
      lists.touch(likely.slot, second);
      return likely;
    }
    const { values, count } = numbers;
    const key = this.#key;
    key.clear();
    key.append(Buffer.from(values.buffer), 0, values.BYTES_PER_ELEMENT * count);
    const known = lists.stateAt(lists.find(key, second));
    if (known !== undefined) return known;
    const slot = lists.add(key, second);
    if (slot === 0) return undefined;
    const list = { slot, ...arranged(values.slice(0, count)) };
    lists.set(slot, list);
    return list;
  }

  forgetBefore(second: number): void {
    this.#lists.forgetBefore(second);
  }

  clear(): void {
    this.#lists.clear();
  }
}

function isSame(given: Float64Array, { values, count }: NumberList): boolean {
  if (given.length !== count) return false;
  for (let index = 0; index < count; index++) if (given[index] !== values[index]) return false;
  return true;
}

function arranged(given: Float64Array): Omit<BoundList, 'slot'> {
  // Zero with a sign is the same bound.
  const bounds = Array.from(given, (bound) => bound + 0);
  const sorted = [...new Set(bounds.filter((bound) => bound < Infinity))].toSorted((a, b) => a - b);
  const places = new Map(sorted.map((bound, place) => [bound, place]));
  return {
    given,
    sorted,
    texts: sorted.map(floatText),
    places: Uint32Array.from(bounds, (bound) => places.get(bound) ?? sorted.length),
  };
}
