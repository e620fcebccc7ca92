import { list } from '../../../../schema/attributes.ts';
import { stringType } from '../../../../schema/types.ts';
import { byLabels } from '../by-labels.ts';
import { stage } from '../stage.ts';

export const labelDrop = stage({
  doc: 'Removes labels. Extracted values stay.',
  fields: {
    values: list('The names of the labels to remove.', stringType).check((names) =>
      names.length > 0 ? undefined : 'must name at least one label',
    ),
  },
  compile({ values }) {
    const removed = byLabels((labels) => values.reduce((rest, name) => rest.without(name), labels));
    return (next) => (cursor) => {
      cursor.labels = removed(cursor.labels);
      next(cursor);
    };
  },
});
