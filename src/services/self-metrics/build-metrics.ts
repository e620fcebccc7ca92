import { gauge, openMetrics, type MetricFamily } from '../../component/metrics.ts';
import type { LibraryEnvironment } from '../../syntax/stdlib/environment.ts';

export const buildMetrics = {
  info: gauge('alloy_build_info', 'What runs. The value is always 1.', [
    'version',
    'revision',
    'branch',
    'goversion',
    'goos',
    'goarch',
    'tags',
  ]),
};

/** What runs, with the labels that dashboards know; where they name Go, it is Node here. */
export function describeBuild({ version, os, arch }: LibraryEnvironment): readonly MetricFamily[] {
  const metrics = openMetrics(buildMetrics);
  const { meters } = metrics;
  meters.info.with(version, '', '', `node${process.versions.node}`, os, arch, '').set(1);
  return metrics.collect();
}
