import { map } from '../../../../schema/attributes.ts';
import { byLabels } from '../by-labels.ts';
import { optionalText } from '../optional-text.ts';
import { stage } from '../stage.ts';

export const staticLabels = stage({
  doc: 'Sets labels to fixed values, also where a label of the name is there.',
  fields: {
    values: map('Label names and their values. Empty values and null are left out.', optionalText).check((values) =>
      values.has('') ? 'label names must not be empty' : undefined,
    ),
  },
  compile({ values }) {
    const set = [...values].filter(([, value]) => value !== '');
    const labelled = byLabels((labels) => set.reduce((all, [name, value]) => all.with(name, value), labels));
    return (next) => (cursor) => {
      cursor.labels = labelled(cursor.labels);
      next(cursor);
    };
  },
});
