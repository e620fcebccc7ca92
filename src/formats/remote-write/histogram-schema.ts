import { customBoundsSchema } from '../../model/native-histogram.ts';
import { FieldReader, wireType } from '../protobuf/field-reader.ts';

const reader = new FieldReader();
const schemaField = 4;
const writtenSchema = -2 * customBoundsSchema - 1;

/** Whether the bytes of a histogram, as batches have them, are of one whose bounds are listed. */
export function isCustomBounds(bytes: Buffer, start: number, end: number): boolean {
  reader.open(bytes, start, end);
  while (reader.next()) {
    if (reader.is(schemaField, wireType.varint)) return reader.value === writtenSchema;
    if (reader.number > schemaField) return false;
  }
  return false;
}
