import { familyHeader } from '../../../formats/prometheus-text/encode.ts';
import type { FamilyHead, Row, Samples } from './samples.ts';

/** Families that are written together. */
const familiesOfBlock = 8;

interface Collected {
  readonly head: FamilyHead;
  /** By the key of the series. */
  readonly rows: Map<string, Row>;
}

/** A part of what is written that is written anew if one of its rows has changed. */
interface Block {
  /** The headers of families, and between them the lines of rows. */
  readonly texts: string[];
  readonly rows: Row[];
  /** Where in the texts the rows are. */
  readonly places: number[];
  text: string;
}

/** Writes samples in the text format. What goes where is found out anew only when there are other series than before. */
export class Exposition {
  #conflicts = 0;
  #parts: readonly Samples[] = [];
  #versions: readonly number[] = [];
  #blocks: readonly Block[] = [];

  /** How many series were there already, or contradict the kind of their family; the first one stays. */
  conflictsOf(parts: readonly Samples[]): number {
    if (!this.#isArranged(parts)) this.#arrange(parts);
    return this.#conflicts;
  }

  /** Everything that the parts have, as one text: families by name, series by labels. */
  render(parts: readonly Samples[]): string {
    if (!this.#isArranged(parts)) this.#arrange(parts);
    return this.#blocks.map(textOf).join('');
  }

  #isArranged(parts: readonly Samples[]): boolean {
    if (parts.length !== this.#parts.length) return false;
    return parts.every((part, index) => part === this.#parts[index] && part.version === this.#versions[index]);
  }

  #arrange(parts: readonly Samples[]): void {
    const families = this.#familiesOf(parts).toSorted((a, b) => (a.head.name < b.head.name ? -1 : 1));
    const blocks: Block[] = [];
    for (let start = 0; start < families.length; start += familiesOfBlock)
      blocks.push(blockOf(families.slice(start, start + familiesOfBlock)));
    this.#blocks = blocks;
    this.#parts = [...parts];
    this.#versions = parts.map(({ version }) => version);
  }

  #familiesOf(parts: readonly Samples[]): readonly Collected[] {
    const families = new Map<string, Collected>();
    this.#conflicts = 0;
    for (const row of parts.flatMap(({ rows }) => rows)) {
      let known = families.get(row.head.name);
      if (known === undefined) families.set(row.head.name, (known = { head: row.head, rows: new Map() }));
      if (known.head.kind !== row.head.kind || known.rows.has(row.key)) this.#conflicts++;
      else known.rows.set(row.key, row);
    }
    return [...families.values()];
  }
}

function blockOf(families: readonly Collected[]): Block {
  const block: Block = { texts: [], rows: [], places: [], text: '' };
  for (const { head, rows } of families) {
    block.texts.push(familyHeader(head.name, head.kind, head.help));
    for (const [, row] of [...rows].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      block.places.push(block.texts.length);
      block.rows.push(row);
      block.texts.push('');
    }
  }
  return block;
}

function textOf(block: Block): string {
  const { texts, rows, places } = block;
  let hasChanged = false;
  for (let index = 0; index < rows.length; index++) {
    const lines = rows[index]?.lines ?? '';
    const place = places[index] ?? 0;
    if (texts[place] === lines) continue;
    texts[place] = lines;
    hasChanged = true;
  }
  if (hasChanged) block.text = texts.join('');
  return block.text;
}
