import type { JsonQuery } from '../../../../formats/json/json-query.ts';
import { compileJsonScan } from '../../../../formats/json/json-scan.ts';
import { jsonText } from '../../../../formats/json/json-text.ts';
import { bool, map, string } from '../../../../schema/attributes.ts';
import type { Cursor } from '../cursor.ts';
import { DropCount } from '../drop-count.ts';
import { textOf, type ExtractedValue } from '../extracted.ts';
import { jsonQueryType, queryOf } from '../json-query-argument.ts';
import { optionalRegexp } from '../optional-regexp.ts';
import { stage } from '../stage.ts';

interface Expression {
  readonly slot: number;
  readonly query: JsonQuery;
}

/** Sets extracted values from the JSON in a range of bytes. False if it is no object. */
type Extract = (cursor: Cursor, bytes: Buffer, start: number, end: number) => boolean;

export const json = stage({
  doc: `
Extracts values from a JSON object. Strings, numbers and bools keep their type, objects and arrays become compact JSON
text, and what is null or not there becomes nothing, also where a value was extracted before. Lines that are no JSON
object pass unchanged, unless \`drop_malformed\` is set.`,
  fields: {
    expressions: map(
      'Names of extracted values, and JMESPath expressions for them. An empty one means that the name is the expression.',
      jsonQueryType,
    ).default(new Map()),
    regex: optionalRegexp('Top-level keys whose names match are extracted under their names.'),
    source: string('The extracted value to read instead of the line.')
      .check((name) => (name === '' ? 'empty source' : undefined))
      .optional(),
    drop_malformed: bool('Whether entries that are no JSON object are dropped.').default(false),
  },
  check: ({ expressions, regex }) =>
    expressions.size === 0 && regex === undefined ? 'JMES expressions or regex is required' : undefined,
  compile({ expressions, regex, source, drop_malformed: dropsMalformed }, context) {
    const { slots } = context;
    const all: Expression[] = [...expressions].map(([name, { query }]) => ({
      slot: slots.writes(name),
      query: query ?? queryOf(name),
    }));
    const sourceSlot = source === undefined ? undefined : slots.reads(source);

    return (next) => {
      const wanted = all.filter(({ slot }) => slots.isRead(slot));
      const isNeeded = wanted.length > 0 || regex !== undefined || dropsMalformed;
      const isFlat = regex === undefined && wanted.every(({ query }) => query.path?.length === 1);
      const extract = isFlat ? extractKeys(wanted) : extractAny(wanted, (name) => regex?.test(name) ?? false);
      if (!isNeeded) return next;
      const dropped = dropsMalformed ? new DropCount(context, 'json_malformed') : undefined;
      return (cursor) => {
        let isRead: boolean;
        if (sourceSlot === undefined) {
          cursor.needBytes();
          isRead = extract(cursor, cursor.bytes, cursor.start, cursor.end);
        } else {
          const text = textOf(cursor.extracted.get(sourceSlot));
          const bytes = text === undefined ? undefined : Buffer.from(text);
          isRead = bytes === undefined || extract(cursor, bytes, 0, bytes.length);
        }
        if (isRead || dropped === undefined) next(cursor);
        else dropped.inc();
      };
    };
  },
});

/** For expressions that are keys of the object itself: finds their values without reading the rest. */
function extractKeys(wanted: readonly Expression[]): Extract {
  const keys = [...new Set(wanted.map(({ query }) => query.path?.[0] ?? ''))];
  const scan = compileJsonScan(keys);
  const targets = wanted.map(({ slot, query }) => ({ slot, index: keys.indexOf(query.path?.[0] ?? '') }));
  return (cursor, bytes, start, end) => {
    if (!scan.scan(bytes, start, end)) return false;
    const { extracted } = cursor;
    for (let at = 0; at < targets.length; at++) {
      const target = targets[at];
      if (target !== undefined) extracted.set(target.slot, scan.value(target.index) ?? null);
    }
    return true;
  };
}

/** For everything else: reads the whole document. */
function extractAny(wanted: readonly Expression[], isWantedKey: (name: string) => boolean): Extract {
  // Judges documents as the other way does, before anything is built from them.
  const check = compileJsonScan([]);
  return (cursor, bytes, start, end) => {
    if (!check.scan(bytes, start, end)) return false;
    const data = JSON.parse(bytes.toString('utf8', start, end)) as Readonly<Record<string, unknown>>;
    for (const { slot, query } of wanted) {
      const value = query.evaluate(data);
      if (value !== undefined) cursor.extracted.set(slot, extractedOf(value));
    }
    for (const [name, value] of Object.entries(data)) {
      if (isWantedKey(name)) cursor.extracted.setByName(name, extractedOf(value));
    }
    return true;
  };
}

function extractedOf(value: unknown): ExtractedValue {
  switch (typeof value) {
    case 'string':
      return value.toWellFormed();
    case 'number':
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : jsonText(value);
    default:
      return null;
  }
}
