/** Every diagnostic code of decoding, with the line the reference prints for it. */
export const schemaCodes = {
  'schema/unknown-attribute': 'The block has no attribute of that name.',
  'schema/unknown-block': 'The block has no nested block of that name.',
  'schema/duplicate-attribute': 'An attribute is given twice.',
  'schema/duplicate-block': 'A block that may appear once is given twice.',
  'schema/missing-attribute': 'A required attribute is not given.',
  'schema/missing-block': 'A required block is not given.',
  'schema/not-a-block': 'A block is written as an attribute.',
  'schema/not-an-attribute': 'An attribute is written as a block.',
  'schema/label': 'A block that takes no label has one.',
  'schema/type': 'A value has another type than the attribute.',
  'schema/value': 'A value has the right type, but is not valid here.',
  'schema/arguments': 'Arguments that do not go together.',
  'schema/stability': 'An argument is below the stability level that was asked for.',
} as const;

export type SchemaCode = keyof typeof schemaCodes;
