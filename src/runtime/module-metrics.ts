import { counter, gauge, histogram } from '../component/metrics.ts';

/** In seconds; the same for both histograms. */
const buckets = [0.005, 0.025, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600];

/** Evaluations that take as long as this count as slow. */
export const slowEvaluationSeconds = 60;

/** What each module tells of its evaluations. */
export const moduleMetrics = {
  evaluating: gauge('alloy_component_controller_evaluating', 'Whether components are being evaluated.'),
  evaluationSeconds: histogram(
    'alloy_component_evaluation_seconds',
    'Time taken by evaluations of components after what they depend on has changed.',
    buckets,
  ),
  waitSeconds: histogram(
    'alloy_component_dependencies_wait_seconds',
    'Time from a change of exports to the evaluation of what depends on them.',
    buckets,
  ),
  queueSize: gauge('alloy_component_evaluation_queue_size', 'Components that wait for their evaluation.'),
  slowSeconds: counter('alloy_component_evaluation_slow_seconds', 'Time taken by evaluations that were slow.', [
    'component_id',
  ]),
};

/** The labels by which an ID within the program is told: the path of modules around it, and the last part. */
export function pathLabels(
  prefix: 'component' | 'controller',
  globalId: string,
): readonly (readonly [string, string])[] {
  const at = globalId.lastIndexOf('/');
  return [
    [`${prefix}_path`, `/${at < 0 ? '' : globalId.slice(0, at)}`],
    [`${prefix}_id`, globalId.slice(at + 1)],
  ];
}
