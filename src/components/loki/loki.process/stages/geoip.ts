import { readFile } from 'node:fs/promises';
import { GenerationCache } from '../../../../base/generation-cache.ts';
import { messageOf } from '../../../../base/message-of.ts';
import { ParseError } from '../../../../base/parse-error.ts';
import { ownString } from '../../../../base/text-window.ts';
import { openMmdb, parseIpAddress, type Mmdb } from '../../../../formats/mmdb/mmdb.ts';
import { map, oneOf, string } from '../../../../schema/attributes.ts';
import type { Cursor } from '../cursor.ts';
import { textOf, type ExtractedValue } from '../extracted.ts';
import { geoipFields } from '../geoip-fields.ts';
import { jsonQueryType, queryOf } from '../json-query-argument.ts';
import { stage, type StageContext } from '../stage.ts';

/** Addresses whose values are remembered, twice as many at most. */
const maxAddresses = 8192;

/** A value that the stage sets from the record of an address. */
interface Wanted {
  readonly slot: number;
  valueIn(record: unknown): ExtractedValue;
}

export const geoip = stage({
  doc: `
Extracts what a database in MaxMind's format says about an IP address: the values of \`db_type\`, named \`geoip_...\`, and
those of \`custom_lookups\`. What the database does not say is not set. The database is read when the configuration is
loaded, and held in memory. Entries without the address, and with text that is none, pass unchanged.`,
  fields: {
    db: string('The file of the database.').check((path) => (path === '' ? 'db path cannot be empty' : undefined)),
    source: string('The extracted value that is the address.').check((name) =>
      name === '' ? 'source cannot be empty' : undefined,
    ),
    db_type: oneOf('Which values are extracted; none if empty.', '', 'city', 'asn', 'country').default(''),
    custom_lookups: map(
      'Names of extracted values, and JMESPath expressions on the record for them. An empty one means that the name is the expression.',
      jsonQueryType,
    ).default(new Map()),
  },
  check: ({ db_type: type, custom_lookups: lookups }) =>
    type === '' && lookups.size === 0 ? '`db_type` or `custom_lookups` must be set' : undefined,
  compile({ db: path, source, db_type: type, custom_lookups: lookups }, context) {
    const { slots } = context;
    const sourceSlot = slots.reads(source);
    const all: Wanted[] = [
      ...Object.entries(geoipFields[type]).map(([name, valueIn]) => ({ slot: slots.writes(name), valueIn })),
      ...Array.from(lookups, ([name, { query = queryOf(name) }]) => ({
        slot: slots.writes(name),
        valueIn: (record: unknown) => extractedOf(query.evaluate(record)),
      })),
    ];
    let database: Mmdb | undefined;
    context.onPrepare(async () => {
      database = await readDatabase(path);
    });
    return (next) => {
      const wanted = all.filter(({ slot }) => slots.isRead(slot));
      const values = new AddressValues(wanted, context);
      return (cursor) => {
        const address = textOf(cursor.extracted.get(sourceSlot));
        if (address !== undefined && database !== undefined) setAll(cursor, wanted, values.of(address, database));
        next(cursor);
      };
    };
  },
});

/** What the database says of addresses: a value for each that is wanted. */
class AddressValues {
  readonly #wanted: readonly Wanted[];
  readonly #context: StageContext;
  readonly #known = new GenerationCache<string, readonly ExtractedValue[]>(maxAddresses);
  readonly #logged = new Set<string>();

  constructor(wanted: readonly Wanted[], context: StageContext) {
    this.#wanted = wanted;
    this.#context = context;
  }

  of(text: string, database: Mmdb): readonly ExtractedValue[] {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const address = parseIpAddress(text);
    if (address === undefined) {
      this.#logOnce('what should be looked up is no IP address', text.slice(0, 64));
      return [];
    }
    const record = database.find(address);
    if (record instanceof ParseError) {
      this.#logOnce('cannot look up an IP address', address, record.message);
      return [];
    }
    const values = record === undefined ? [] : this.#wanted.map(({ valueIn }) => valueIn(record));
    this.#known.set(ownString(text), values);
    return values;
  }

  #logOnce(message: string, value: string, error?: string): void {
    if (this.#logged.has(message)) return;
    this.#logged.add(message);
    this.#context.log.warn(message, { stage: 'geoip', value, error });
  }
}

function setAll({ extracted }: Cursor, wanted: readonly Wanted[], values: readonly ExtractedValue[]): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value !== undefined) extracted.set(wanted[index]?.slot ?? 0, value);
  }
}

async function readDatabase(path: string): Promise<Mmdb> {
  const cannot = (problem: string, cause?: unknown): Error =>
    new Error(`cannot open the GeoIP database ${JSON.stringify(path)}: ${problem}`, { cause });
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw cannot(messageOf(error), error);
  }
  const database = openMmdb(bytes);
  if (database instanceof ParseError) throw cannot(database.message);
  return database;
}

/** A result of an expression. What is an object or an array is there, but is no text. */
function extractedOf(value: unknown): ExtractedValue {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return value;
    default:
      return value === undefined || value === null ? undefined : null;
  }
}
