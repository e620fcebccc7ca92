import { elements } from '../../../formats/otlp/any-value.ts';
import { readValueText } from '../../../formats/otlp/any-value-text.ts';
import type { AttributeList } from '../../../formats/otlp/attribute-list.ts';
import { ValueCursor } from '../../../formats/otlp/value-cursor.ts';
import { mapEntries } from '../../../formats/otlp/value-json.ts';
import { labelName } from './label-name.ts';

/** Loki takes a few dozen labels; what a hint names beyond that is not looked for. */
const maxNames = 128;
/** Names with more dots are not looked for in maps. */
const maxDots = 8;

/** Attributes that say what becomes of others. They do not get into lines. */
export const hints = {
  attributeLabels: Buffer.from('loki.attribute.labels'),
  resourceLabels: Buffer.from('loki.resource.labels'),
  format: Buffer.from('loki.format'),
  tenant: Buffer.from('loki.tenant'),
};

/** An attribute that a hint names. */
export interface HintedName {
  readonly attribute: string;
  readonly key: Buffer;
  readonly label: string;
}

const noBytes = Buffer.alloc(0);
const cursor = new ValueCursor();

/** Reads the names in a hint. Records mostly have the hint of the record before, which is not read again. */
export class HintReader {
  #last: Buffer = noBytes;
  #names: readonly HintedName[] = [];

  /** The names in the value of an attribute; none if `index` is -1. */
  read(list: AttributeList, index: number): readonly HintedName[] {
    if (index < 0) return [];
    const { bytes } = list;
    const start = list.valueStarts[index] ?? 0;
    const end = list.valueEnds[index] ?? 0;
    if (bytes.compare(this.#last, 0, this.#last.length, start, end) !== 0) {
      this.#last = Buffer.from(bytes.subarray(start, end));
      this.#names = namesIn(bytes, start, end);
    }
    return this.#names;
  }
}

function namesIn(bytes: Buffer, start: number, end: number): HintedName[] {
  cursor.read(bytes, start, end);
  const texts =
    cursor.type === 'array'
      ? elements(bytes, cursor.start, cursor.end).map(([from, to]) => readValueText(bytes, from, to))
      : readValueText(bytes, start, end).split(',', maxNames);
  return texts
    .slice(0, maxNames)
    .map((text) => text.trim())
    .filter((attribute) => attribute !== '')
    .map((attribute) => ({ attribute, key: Buffer.from(attribute), label: labelName(attribute) }));
}

/** The value of an attribute as text. Dots in its name may lead into maps. Undefined if there is none. */
export function hintedValue(list: AttributeList, { attribute, key }: HintedName): string | undefined {
  const index = list.find(key);
  if (index >= 0) return readValueText(list.bytes, list.valueStarts[index] ?? 0, list.valueEnds[index] ?? 0);
  const parts = attribute.split('.');
  return parts.length > maxDots ? undefined : valueInMaps(list, parts);
}

/** Looks at maps with long names first. */
function valueInMaps(list: AttributeList, parts: readonly string[]): string | undefined {
  const { bytes } = list;
  for (let count = parts.length - 1; count > 0; count--) {
    const index = list.find(Buffer.from(parts.slice(0, count).join('.')));
    if (index < 0) continue;
    cursor.read(bytes, list.valueStarts[index] ?? 0, list.valueEnds[index] ?? 0);
    if (cursor.type !== 'map') continue;
    const entries = mapEntries(bytes, cursor.start, cursor.end);
    const rest = parts.slice(count);
    const found = entries.find(Buffer.from(rest.join('.')));
    const value =
      found < 0
        ? valueInMaps(entries, rest)
        : readValueText(bytes, entries.valueStarts[found] ?? 0, entries.valueEnds[found] ?? 0);
    if (value !== undefined) return value;
  }
  return undefined;
}
