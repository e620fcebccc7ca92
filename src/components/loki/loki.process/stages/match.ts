import { attribute, oneOf, string } from '../../../../schema/attributes.ts';
import { variants } from '../../../../schema/blocks.ts';
import { byLabels } from '../by-labels.ts';
import type { Cursor } from '../cursor.ts';
import { DropCount } from '../drop-count.ts';
import { selectorType } from '../selector.ts';
import { stage, type StageContext, type StageSpec, type Step } from '../stage.ts';

const defaultReason = 'match_stage';

/** The stages that may be nested are given by whoever makes the table, of which this stage is part itself. */
export const match = (choices: () => Readonly<Record<string, StageSpec>>): StageSpec =>
  stage({
    doc: `
Puts the entries that a selector selects through stages of their own, or drops them. Other entries go past. The selector
is a LogQL stream selector with line filters, such as \`{app="web"} |= "error"\`. The order of entries is kept.`,
    fields: {
      selector: attribute('Which entries the stage is for.', selectorType),
      action: oneOf('What to do with them: run the nested stages, or drop them.', 'keep', 'drop').default('keep'),
      pipeline_name: string('Has no effect; accepted because configurations have it.').default(''),
      drop_counter_reason: string('The reason under which dropped lines are counted.').default(defaultReason),
      stages: variants('What happens to selected entries.', choices),
    },
    check(args) {
      if (args.action === 'keep' && args.stages.length === 0)
        return 'match stage requires at least one additional stage to be defined in it';
      if (args.action === 'drop' && args.stages.length > 0)
        return 'match stage configured to drop entries cannot contains stages';
      return undefined;
    },
    compile(args, context) {
      const isSelected = byLabels((labels) => args.selector.matchesLabels(labels));
      const { lineFilters } = args.selector;
      const passes = (cursor: Cursor): boolean => lineFilters.every((filter) => filter(cursor));
      const hasLineFilters = lineFilters.length > 0;
      const nested = context.compile(args.stages);
      return (next) => {
        const selected = args.action === 'drop' ? counting(context, args.drop_counter_reason) : nested(next);
        return (cursor) => {
          if (!isSelected(cursor.labels) || (hasLineFilters && !passes(cursor))) {
            next(cursor);
            return;
          }
          cursor.extracted.takeLabels(cursor.labels);
          selected(cursor);
        };
      };
    },
  });

/** Drops entries, and counts them. */
function counting(context: StageContext, reason: string): Step {
  const dropped = new DropCount(context, reason || defaultReason);
  return () => dropped.inc();
}
