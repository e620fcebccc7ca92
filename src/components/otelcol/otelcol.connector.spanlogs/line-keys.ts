import { ByteBuilder } from '../../../base/byte-builder.ts';
import { ByteKeys } from '../../../base/byte-keys.ts';
import { appendKey } from '../../../formats/logfmt/logfmt-writer.ts';

/** A key of lines. */
export interface LineKey {
  readonly name: Buffer;
  /** The key as it stands in lines behind other pairs; undefined if logfmt can have none of its characters. */
  readonly text: Buffer | undefined;
  /** Whether the pair is an attribute of the record as well. */
  readonly isLabel: boolean;
}

/** The keys that lines can have, by their numbers. Those of different origin may be the same. */
export class LineKeys {
  readonly all: LineKey[] = [];
  readonly #labels: ReadonlySet<string>;
  readonly #numbers = new Map<string, number>();

  constructor(labels: readonly string[]) {
    this.#labels = new Set(labels);
  }

  numberOf(name: string): number {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.all.push({ name: Buffer.from(name), text: keyText(name), isLabel: this.#labels.has(name) }) - 1;
      this.#numbers.set(name, number);
    }
    return number;
  }

  /** Finds the numbers of attributes that go into lines under their own names. */
  attributes(names: readonly string[]): AttributeKeys {
    const distinct = [...new Set(names)];
    return { texts: distinct, names: new ByteKeys(distinct), numbers: distinct.map((name) => this.numberOf(name)) };
  }
}

export interface AttributeKeys {
  /** The names. */
  readonly texts: readonly string[];
  readonly names: ByteKeys;
  /** The number of the key for each of the names. */
  readonly numbers: readonly number[];
}

/** ` name=` */
function keyText(name: string): Buffer | undefined {
  const out = new ByteBuilder();
  const bytes = Buffer.from(name);
  return appendKey(out, -1, bytes, 0, bytes.length) ? out.copy() : undefined;
}
