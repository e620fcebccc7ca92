import { ByteKeys } from '../../base/byte-keys.ts';
import { enums, messages, type EnumName, type Field, type Message, type MessageName } from './message-types.ts';

/** A message as JSON has it. */
export interface JsonMessage {
  readonly name: MessageName;
  /** By tag. */
  readonly byTag: ReadonlyMap<number, JsonField>;
  /** The fields that are there even where they are not. */
  readonly always: readonly JsonField[];
  /** The field with a name in JSON: in lowerCamelCase, or as the definitions of the protocol have it. */
  find(bytes: Buffer, start: number, end: number): JsonField | undefined;
}

export interface JsonField extends Field {
  /** Its place among the fields of the message. */
  readonly index: number;
  /** `"traceId":` */
  readonly key: Buffer;
  readonly tag: number;
  /** Of numbers in one field, which have a tag of their own. */
  readonly packedTag: number | undefined;
  /** What the values are, if they are messages. */
  readonly message: JsonMessage | undefined;
  /** The names of the values, if they are of an enum. */
  readonly enum: readonly string[] | undefined;
}

const byName = new Map<MessageName, JsonMessage>();
for (const message of messages) byName.set(message.name, jsonMessage(message));

export function jsonMessageOf(name: MessageName): JsonMessage {
  const message = byName.get(name);
  if (message === undefined) throw new Error(`there is no message ${name}`);
  return message;
}

function jsonMessage({ name, fields: own }: Message): JsonMessage {
  const fields = own.map(jsonField);
  const names = new Map(fields.flatMap((field) => [[field.name, field], [camelCase(field.name), field]])); // prettier-ignore
  const keys = new ByteKeys([...names.keys()]);
  const byKey = [...names.values()];
  return {
    name,
    byTag: new Map(
      fields.flatMap((field) => [field.tag, field.packedTag ?? field.tag].map((tag) => [tag, field] as const)),
    ),
    always: fields.filter(({ presence }) => presence === 'always'),
    find: (bytes, start, end) => byKey[keys.find(bytes, start, end)],
  };
}

function jsonField(field: Field, index: number): JsonField {
  const { name, number, type, presence } = field;
  const wireType = wireTypeOf(type);
  return {
    ...field,
    index,
    key: Buffer.from(`${JSON.stringify(camelCase(name))}:`),
    tag: (number << 3) | wireType,
    packedTag: presence === 'repeated' && wireType !== 2 ? (number << 3) | 2 : undefined,
    // Messages lie in each other, so that not all of them are there yet.
    get message() {
      return byName.get(type as MessageName);
    },
    enum: enums[type as EnumName],
  };
}

export function wireTypeOf(type: Field['type']): number {
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
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}
