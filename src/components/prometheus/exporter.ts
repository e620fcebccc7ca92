import { hostname } from 'node:os';
import type { ProgramInfo } from '../../component/component.ts';
import type { ComponentRequest, ComponentResponse } from '../../component/component-request.ts';
import { textMediaType } from '../../formats/prometheus-text/encode.ts';
import { Labels } from '../../model/labels.ts';
import { exportedTargets } from '../../schema/targets.ts';

/** What all exporters export. */
export const exporterExports = {
  targets: exportedTargets(
    'Where the metrics are, for `prometheus.scrape`. They do not leave the process on their way.',
  ),
};

/** An exporter as its target names it. */
export interface ExporterIdentity {
  /** The global ID of the component. */
  readonly id: string;
  /** The name of the component. */
  readonly component: string;
  readonly instance: string;
}

/** The target that leads to the metrics of an exporter. */
export function exporterTarget({ id, component, instance }: ExporterIdentity, program: ProgramInfo): Labels {
  const isLabelled = !`/${id}`.endsWith(`/${component}`);
  return Labels.fromRecord({
    __address__: program.memoryServer.address,
    __scheme__: 'http',
    __metrics_path__: `/api/v0/component/${id}/metrics`,
    job: `integrations/${component.slice(component.lastIndexOf('.') + 1)}`,
    instance,
    __meta_component_name: isLabelled ? id.slice(0, id.lastIndexOf('.')) : id,
    __meta_component_id: id,
  });
}

/** The instance of exporters that tell of the machine they run on. */
export function hostInstance({ variables }: ProgramInfo): string {
  return (variables.HOSTNAME ?? '') || hostname() || 'unknown';
}

/** Answers requests for metrics, and no others. */
export async function answerMetrics(
  { path }: ComponentRequest,
  render: () => string | Promise<string>,
): Promise<ComponentResponse> {
  if (path !== 'metrics') {
    const headers = { 'content-type': 'text/plain; charset=utf-8' };
    return { status: 404, headers, body: '404 page not found\n' };
  }
  return { status: 200, headers: { 'content-type': textMediaType }, body: await render() };
}
