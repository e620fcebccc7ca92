import { component } from '../../component/component.ts';
import { answerMetrics, exporterExports, exporterTarget, hostInstance } from './exporter.ts';

const name = 'prometheus.exporter.self';

export const prometheusExporterSelf = component({
  name,
  stability: 'generally-available',
  doc: 'Exposes the metrics of the program itself, which are those under `/metrics` of the HTTP API.',
  example: `
prometheus.exporter.self "default" { }`,
  arguments: {},
  exports: exporterExports,
  metrics: {},
  build({ id, program }) {
    return {
      exports: { targets: [exporterTarget({ id, component: name, instance: hostInstance(program) }, program)] },
      handle: (request) => answerMetrics(request, () => program.renderMetrics()),
    };
  },
});
