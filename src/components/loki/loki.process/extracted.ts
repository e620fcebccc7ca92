import { parseDuration } from '../../../base/duration.ts';
import { floatText } from '../../../base/float-text.ts';
import { ParseError } from '../../../base/parse-error.ts';
import type { Labels } from '../../../model/labels.ts';
import type { Slots } from './slots.ts';

/** A value that stages extracted. `null` was found and is nothing; `undefined` was not found. */
export type ExtractedValue = string | number | bigint | boolean | null | undefined;

export interface ExtractedSnapshot {
  readonly labels: Labels;
  /** By slot; none if all that was extracted are labels. */
  readonly values: readonly ExtractedValue[];
  readonly others: ReadonlyMap<string, ExtractedValue> | undefined;
}

/** More names than this in one entry, beside those in the configuration, are ignored. */
const maxOtherNames = 1000;

/**
 * The extracted values of one entry. Every label of the entry counts as extracted under its name, without being copied:
 * what no stage has written is looked up in the labels the entry came with.
 */
export class Extracted {
  readonly #slots: Slots;
  readonly #values: ExtractedValue[];
  /** For each slot, the entry in which it was written last. */
  readonly #writtenIn: Float64Array;
  #entry = 1;
  #isTouched = false;
  #labels: Labels;
  /** For each slot, the label of its name. */
  #labelValues: readonly (string | undefined)[] = [];
  /** Values under names that no stage names; only kept if some stage reads all. */
  #others: Map<string, ExtractedValue> | undefined;

  constructor(slots: Slots, labels: Labels) {
    this.#slots = slots;
    this.#labels = labels;
    this.#readLabels();
    this.#values = slots.names.map(() => undefined);
    this.#writtenIn = new Float64Array(slots.names.length);
  }

  /** Begins the next entry. */
  reset(labels: Labels): void {
    this.#entry++;
    this.#isTouched = false;
    this.#others = undefined;
    if (labels === this.#labels) return;
    this.#labels = labels;
    this.#readLabels();
  }

  get(slot: number): ExtractedValue {
    if (this.#writtenIn[slot] === this.#entry) return this.#values[slot];
    return this.#labelValues[slot];
  }

  set(slot: number, value: ExtractedValue): void {
    this.#values[slot] = value;
    this.#writtenIn[slot] = this.#entry;
    this.#isTouched = true;
  }

  /** As `set`, for a name that became known only now. */
  setByName(name: string, value: ExtractedValue): void {
    const slot = this.#slots.find(name);
    if (slot !== undefined) this.set(slot, value);
    else if (this.#slots.isNameRead(name)) {
      this.#others ??= new Map();
      this.#isTouched = true;
      if (this.#others.has(name) || this.#others.size < maxOtherNames) this.#others.set(name, value);
    }
  }

  /** Whether a value, or nothing, was found for a name. Only right where some stage reads all names. */
  has(name: string): boolean {
    const slot = this.#slots.find(name);
    if (slot !== undefined) return this.get(slot) !== undefined;
    return this.#others?.has(name) === true || this.#labels.has(name);
  }

  /** Every extracted value that is there, by name. */
  *entries(): Generator<[string, ExtractedValue]> {
    const seen = new Set<string>();
    for (const [slot, name] of this.#slots.names.entries()) {
      const value = this.get(slot);
      seen.add(name);
      if (value !== undefined) yield [name, value];
    }
    for (const [name, value] of this.#labels) if (!seen.has(name) && !this.#others?.has(name)) yield [name, value];
    if (this.#others !== undefined) yield* this.#others;
  }

  /** What was extracted so far, for `restore`. */
  snapshot(): ExtractedSnapshot {
    const values = this.#isTouched ? this.#slots.names.map((_, slot) => this.get(slot)) : [];
    const others = this.#others === undefined ? undefined : new Map(this.#others);
    return { labels: this.#labels, values, others };
  }

  /** Goes back to a snapshot, which stays as it is. */
  restore({ labels, values, others }: ExtractedSnapshot): void {
    this.reset(labels);
    for (const [slot, value] of values.entries()) this.set(slot, value);
    this.#others = others === undefined ? undefined : new Map(others);
  }

  /** Copies labels over extracted values of the same names, as nested pipelines do when an entry comes in. */
  takeLabels(labels: Labels): void {
    const before = this.#labels;
    if (labels === before && !this.#isTouched) return;
    for (const [slot, name] of this.#slots.names.entries()) {
      if (labels.has(name)) this.set(slot, labels.get(name));
      else if (this.#writtenIn[slot] !== this.#entry && before.has(name)) this.set(slot, before.get(name));
    }
    for (const name of labels.names) this.#others?.delete(name);
    if (labels === before) return;
    for (const [name, value] of before) {
      const isKnown = labels.has(name) || this.#slots.find(name) !== undefined || this.#others?.has(name) === true;
      if (!isKnown) this.setByName(name, value);
    }
    this.#labels = labels;
    this.#readLabels();
  }

  #readLabels(): void {
    this.#labelValues = this.#slots.names.map((name) => this.#labels.get(name));
  }
}

/** The value as text; undefined if it is not there or has no text form. */
export function textOf(value: ExtractedValue): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return floatText(value);
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      return undefined;
  }
}

const floatForm = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;
const infinityForm = /^[-+]?inf(?:inity)?$/i;

/** The value as a number, durations in seconds; undefined if it is not there or is no number. */
export function floatOf(value: ExtractedValue): number | undefined {
  switch (typeof value) {
    case 'number':
      return value;
    case 'boolean':
    case 'bigint':
      return Number(value);
    case 'string':
      return floatOfText(value);
    default:
      return undefined;
  }
}

function floatOfText(text: string): number | undefined {
  if (floatForm.test(text)) {
    const number = Number(text);
    return Number.isFinite(number) ? number : undefined;
  }
  if (infinityForm.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^nan$/i.test(text)) return NaN;
  const duration = parseDuration(text);
  return duration instanceof ParseError ? undefined : duration / 1000;
}
