import { string } from '../../../../schema/attributes.ts';
import { byLabels } from '../by-labels.ts';
import { textOf } from '../extracted.ts';
import { stage } from '../stage.ts';

/** Where `loki.write` looks for the tenant. */
const tenantLabel = '__tenant_id__';

export const tenant = stage({
  doc: `
Sets the tenant to which \`loki.write\` sends the entry, as the label \`__tenant_id__\`. Where the value is missing, empty
or no text, that label stays as it is.`,
  fields: {
    label: string('The label whose value is the tenant.').default(''),
    source: string('The extracted value that is the tenant.').default(''),
    value: string('The tenant itself.').default(''),
  },
  check({ label, source, value }) {
    const count = [label, source, value].filter((text) => text !== '').length;
    if (count === 0) return 'one of `label`, `source` and `value` is required';
    return count > 1 ? '`label`, `source` and `value` are mutually exclusive' : undefined;
  },
  compile({ label, source, value }, { slots }) {
    if (source !== '') {
      const slot = slots.reads(source);
      return (next) => (cursor) => {
        const id = textOf(cursor.extracted.get(slot)) ?? '';
        if (id !== '') cursor.labels = cursor.labels.with(tenantLabel, id);
        next(cursor);
      };
    }
    const withTenant = byLabels((labels) => {
      const id = label === '' ? value : (labels.get(label) ?? '');
      return id === '' ? labels : labels.with(tenantLabel, id);
    });
    return (next) => (cursor) => {
      cursor.labels = withTenant(cursor.labels);
      next(cursor);
    };
  },
});
