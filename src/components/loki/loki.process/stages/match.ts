import { attribute, oneOf, string } from '../../../../schema/attributes.ts';
import { variants } from '../../../../schema/blocks.ts';
import { byLabels } from '../by-labels.ts';
import { selectorType } from '../selector.ts';
import { stage, type StageSpec } from '../stage.ts';

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
      drop_counter_reason: string('The reason under which dropped lines are counted.').default('match_stage'),
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
      const nested = context.compile(args.stages);
      const dropped = context.metrics.droppedLines.with(args.drop_counter_reason);
      return (next) => {
        const selected = args.action === 'drop' ? () => dropped.inc() : nested(next);
        return (cursor) => {
          if (!isSelected(cursor.labels) || !lineFilters.every((filter) => filter(cursor))) {
            next(cursor);
            return;
          }
          cursor.extracted.takeLabels(cursor.labels);
          selected(cursor);
        };
      };
    },
  });
