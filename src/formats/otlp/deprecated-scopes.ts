import { wireType } from '../protobuf/field-reader.ts';
import { CheckedReader } from './checked-reader.ts';
import { deprecatedTag } from './check-table.ts';
import { wrapField } from './wrap-field.ts';

const resourceTag = 0x0a;
const scopesTag = 0x12;

/**
 * An export request whose resources have their scopes where they belong, made of one that has passed the check: what is
 * in the pre-1.0 lists is moved there where there is nothing else, and is discarded elsewhere.
 */
export function migrateDeprecatedScopes(body: Buffer): Buffer {
  return Buffer.concat(
    fieldsOf(body).map(({ tag, field, value }) => (tag === resourceTag ? migrateResource(field, value) : field)),
  );
}

function migrateResource(field: Buffer, value: Buffer): Buffer {
  const fields = fieldsOf(value);
  if (!fields.some(({ tag }) => tag === deprecatedTag)) return field;
  const hasScopes = fields.some(({ tag }) => tag === scopesTag);
  const migrated = fields.flatMap(({ tag, field: whole, value: scopes }) => {
    if (tag !== deprecatedTag) return [whole];
    return hasScopes ? [] : [wrapField(scopesTag, [scopes])];
  });
  return wrapField(resourceTag, migrated);
}

/** The fields of a message; `value` is empty for those without a length. */
function fieldsOf(bytes: Buffer): { readonly tag: number; readonly field: Buffer; readonly value: Buffer }[] {
  const fields: ReturnType<typeof fieldsOf> = [];
  const reader = new CheckedReader();
  reader.bytes = bytes;
  while (reader.at < bytes.length) {
    const start = reader.at;
    const tag = reader.varint();
    let valueLength = 0;
    if ((tag & 7) === wireType.bytes) {
      valueLength = reader.varint();
      reader.at += valueLength;
    } else reader.skip(tag);
    const end = reader.at;
    fields.push({ tag, field: bytes.subarray(start, end), value: bytes.subarray(end - valueLength, end) });
  }
  return fields;
}
