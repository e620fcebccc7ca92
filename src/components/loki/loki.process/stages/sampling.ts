import { number, string } from '../../../../schema/attributes.ts';
import { DropCount } from '../drop-count.ts';
import { stage } from '../stage.ts';

// Empty text stands for the default as well.
const defaultReason = 'sampling_stage';

export const sampling = stage({
  doc: `
Keeps a random share of the entries, and drops the others. Dropped lines are counted with the reason in
\`drop_counter_reason\`.`,
  fields: {
    rate: number('The probability that an entry is kept: 0 drops all, 1 keeps all.').check((rate) =>
      rate >= 0 && rate <= 1 ? undefined : `must be between 0 and 1, got ${rate}`,
    ),
    drop_counter_reason: string('The reason under which dropped lines are counted.').default(defaultReason),
  },
  compile({ rate, drop_counter_reason: reason }, context) {
    const dropped = new DropCount(context, reason || defaultReason);
    return (next) => (cursor) => {
      if (Math.random() < rate) next(cursor);
      else dropped.inc();
    };
  },
});
