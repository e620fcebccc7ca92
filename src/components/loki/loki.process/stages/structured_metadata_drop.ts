import { list } from '../../../../schema/attributes.ts';
import { stringType } from '../../../../schema/types.ts';
import { stage } from '../stage.ts';

export const structuredMetadataDrop = stage({
  doc: 'Removes structured metadata. Labels and extracted values stay.',
  fields: {
    values: list('The names of the structured metadata to remove.', stringType).check((names) =>
      names.length > 0 ? undefined : 'must name at least one pair',
    ),
  },
  compile({ values }) {
    const dropped = new Set(values);
    return (next) => (cursor) => {
      const before = cursor.metadata();
      const after = before.filter(({ name }) => !dropped.has(name));
      if (after.length < before.length) cursor.replaceMetadata(after);
      next(cursor);
    };
  },
});
