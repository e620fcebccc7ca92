import { ByteKeys } from '../../base/byte-keys.ts';
import { enums, messages, type EnumName, type Field, type MessageName } from './message-types.ts';

/** A message as JSON has it. */
export class JsonMessage {
  readonly name: MessageName;
  /** By tag. */
  readonly byTag: readonly (JsonField | undefined)[];
  /** The fields that are there even where they are not. */
  readonly always: readonly JsonField[];
  readonly #keys: ByteKeys;
  readonly #byKey: readonly JsonField[];

  constructor(name: MessageName, fields: readonly JsonField[]) {
    const byTag: (JsonField | undefined)[] = [];
    for (const field of fields) byTag[field.tag] = byTag[field.packedTag ?? field.tag] = field;
    const byKey = new Map<string, JsonField>();
    for (const field of fields) byKey.set(field.name, field).set(camelCase(field.name), field);
    this.name = name;
    this.byTag = byTag;
    this.always = fields.filter(({ presence }) => presence === 'always');
    this.#keys = new ByteKeys([...byKey.keys()]);
    this.#byKey = [...byKey.values()];
  }

  /** The field with a name in JSON: in lowerCamelCase, or as the definitions of the protocol have it. */
  find(bytes: Buffer, start: number, end: number): JsonField | undefined {
    return this.#byKey[this.#keys.find(bytes, start, end)];
  }
}

export class JsonField {
  readonly name: string;
  readonly type: Field['type'];
  readonly presence: Field['presence'];
  readonly tag: number;
  /** Of several numbers in one field, which have a tag of their own. */
  readonly packedTag: number | undefined;
  /** A bit that is its own among the fields of the message. */
  readonly bit: number;
  /** The name and a colon, as the first member of an object and as another. */
  readonly firstKey: Buffer;
  readonly otherKey: Buffer;
  /** The names of the values, if they are of an enum. */
  readonly enum: readonly string[] | undefined;
  /** What the values are, if they are messages. */
  message: JsonMessage | undefined;

  constructor({ name, number, type, presence }: Field, index: number) {
    const wireType = wireTypeOf(type);
    this.name = name;
    this.type = type;
    this.presence = presence;
    this.tag = (number << 3) | wireType;
    this.packedTag = presence === 'repeated' && wireType !== 2 ? (number << 3) | 2 : undefined;
    this.bit = 1 << index;
    this.firstKey = Buffer.from(`{"${camelCase(name)}":`);
    this.otherKey = Buffer.from(`,"${camelCase(name)}":`);
    this.enum = enums[type as EnumName];
  }
}

const byName = new Map<string, JsonMessage>();
const allFields: JsonField[] = [];
for (const { name, fields } of messages) {
  const own = fields.map((field, index) => new JsonField(field, index));
  allFields.push(...own);
  byName.set(name, new JsonMessage(name, own));
}
// Messages lie in each other, so that all of them must be there first.
for (const field of allFields) field.message = byName.get(field.type);

export function jsonMessageOf(name: MessageName): JsonMessage {
  const message = byName.get(name);
  if (message === undefined) throw new Error(`there is no message ${name}`);
  return message;
}

function wireTypeOf(type: Field['type']): number {
  switch (type) {
    case 'double':
    case 'fixed64':
    case 'sfixed64':
      return 1;
    case 'fixed32':
      return 5;
    case 'bool':
    case 'int64':
    case 'uint64':
    case 'int32':
    case 'uint32':
    case 'sint32':
      return 0;
    default:
      return type in enums ? 0 : 2;
  }
}

function camelCase(name: string): string {
  return name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
