import { bool, oneOf } from '../../schema/attributes.ts';
import { block } from '../../schema/blocks.ts';

/** The `debug_metrics` block, which most components of OpenTelemetry have. It is taken and ignored. */
export const debugMetricsBlock = block(
  'Without effect: metrics of the component never have labels of which there could be many, such as addresses of clients.',
  {
    disable_high_cardinality_metrics: bool('Without effect.').default(true),
    level: oneOf('Without effect, as in Alloy.', 'none', 'basic', 'normal', 'detailed').default('detailed'),
  },
).optional();
