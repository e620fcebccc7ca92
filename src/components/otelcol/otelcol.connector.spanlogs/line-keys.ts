import { ByteBuilder } from '../../../base/byte-builder.ts';
import { ByteKeys } from '../../../base/byte-keys.ts';
import { appendKey } from '../../../formats/logfmt/logfmt-writer.ts';

/** A key of lines. */
export interface LineKey {
  readonly name: Buffer;
  /** Where the key is in the texts of all, as it stands in lines behind other pairs; empty if logfmt can have none of it. */
  readonly textStart: number;
  readonly textEnd: number;
  /** Whether the pair is an attribute of the record as well. */
  readonly isLabel: boolean;
}

/** The keys that lines can have, by their numbers. Those of different origin may be the same. */
export class LineKeys {
  readonly all: LineKey[] = [];
  /** How they stand in lines, ` name=`. */
  readonly texts = new ByteBuilder();
  readonly #labels: ReadonlySet<string>;
  readonly #numbers = new Map<string, number>();

  constructor(labels: readonly string[]) {
    this.#labels = new Set(labels);
  }

  numberOf(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      const bytes = Buffer.from(name);
      const textStart = this.texts.size;
      appendKey(this.texts, -1, bytes, 0, bytes.length);
      const textEnd = this.texts.size;
      number = this.all.push({ name: bytes, textStart, textEnd, isLabel: this.#labels.has(name) }) - 1;
      this.#numbers.set(name, number);
    }
    return number;
  }

  /** Finds the numbers of attributes that go into lines under their own names. */
  attributes(names: readonly string[]): AttributeKeys {
    const distinct = [...new Set(names)];
    return {
      texts: distinct,
      names: new ByteKeys(distinct),
      numbers: distinct.map((name) => this.numberOf(name)),
      order: distinct.map((_, index) => index),
    };
  }
}

export interface AttributeKeys {
  /** The names. */
  readonly texts: readonly string[];
  readonly names: ByteKeys;
  /** The number of the key for each of the names. */
  readonly numbers: readonly number[];
  /** The names as they stood in the span before. */
  readonly order: number[];
}
