import { ParseError } from '../../base/parse-error.ts';
import { component } from '../../component/component.ts';
import { familyHeader } from '../../formats/prometheus-text/encode.ts';
import type { FamilyDocument } from '../../formats/prometheus-text/family-document.ts';
import { parseFamilies } from '../../formats/prometheus-text/parse-families.ts';
import { writeSeries } from '../../formats/prometheus-text/write-series.ts';
import { attribute } from '../../schema/attributes.ts';
import { parsedType } from '../../schema/types.ts';
import { answerMetrics, exporterExports, exporterTarget } from './exporter.ts';

const name = 'prometheus.exporter.static';

/** A text, and the metrics in it. */
interface Exposition {
  readonly text: string;
  readonly families: readonly FamilyDocument[];
}

const expositionType = parsedType<Exposition>({
  name: 'string',
  format: 'prometheus-text',
  parse(text) {
    const families = parseFamilies(text);
    return families instanceof ParseError ? families : { text, families };
  },
  encode: ({ text }) => text,
});

export const prometheusExporterStatic = component({
  name,
  stability: 'experimental',
  doc: 'Exposes metrics that the configuration holds as a text in the Prometheus text format, for what never changes.',
  example: `
prometheus.exporter.static "limits" {
  text = "# TYPE tenant_limit gauge\\ntenant_limit{tenant=\\"a\\"} 100\\n"
}`,
  arguments: {
    text: attribute('The metrics. Each line must end with a line break.', expositionType),
  },
  exports: exporterExports,
  metrics: {},
  build({ id, args, program }) {
    const body = args.text.families.map(writeFamily).join('');
    return {
      exports: { targets: [exporterTarget({ id, component: name, instance: id }, program)] },
      handle: (request) => answerMetrics(request, () => body),
    };
  },
});

function writeFamily(family: FamilyDocument): string {
  const series = family.series.map((one) => writeSeries(family, one));
  return familyHeader(family.name, family.kind, family.help) + series.join('');
}
