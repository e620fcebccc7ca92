import { list } from '../../../../schema/attributes.ts';
import { stringType } from '../../../../schema/types.ts';
import { byLabels } from '../by-labels.ts';
import { stage } from '../stage.ts';

export const labelKeep = stage({
  doc: 'Removes all labels but some. Extracted values stay.',
  fields: {
    values: list('The names of the labels to keep.', stringType).check((names) =>
      names.length > 0 ? undefined : 'must name at least one label',
    ),
  },
  compile({ values }) {
    const names = new Set(values);
    const kept = byLabels((labels) => labels.filter((name) => names.has(name)));
    return (next) => (cursor) => {
      cursor.labels = kept(cursor.labels);
      next(cursor);
    };
  },
});
