import { component } from '../../component/component.ts';
import { counter } from '../../component/metrics.ts';
import type { Consumer } from '../../flow/delivery.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { logs } from '../../model/signal.ts';
import { input } from '../../schema/exports.ts';
import { output } from '../../schema/receiver.ts';
import { converting } from './converter.ts';
import { LokiEntries, type EntryCounts } from './otelcol.exporter.loki/loki-entries.ts';
import { unsupported } from './output-block.ts';

export const otelcolExporterLoki = component({
  name: 'otelcol.exporter.loki',
  stability: 'generally-available',
  doc: `
Makes log entries for Loki of the log records of OpenTelemetry. Labels are \`exporter\`, which is \`OTLP\`; \`job\` and
\`instance\` after the service; \`level\` after the severity; and the attributes that these attributes name, with a comma
between two names or as a list:

- \`loki.attribute.labels\` of a record: attributes of the record
- \`loki.resource.labels\` of the resource or a record: attributes of the resource
- \`loki.tenant\` of the resource, or else of a record: an attribute of the resource, or else of the record

The line is JSON with the body, the IDs, the severity, and all attributes that are no labels. The attribute
\`loki.format\` of the resource, or else of a record, makes it \`logfmt\`, or \`raw\`, which is the body alone. Numbers that
JSON does not have are text in it.

The time is that of the record, or else when it was observed, or else now. A batch is delivered when its entries are.`,
  example: `
otelcol.exporter.loki "default" {
  forward_to = [loki.echo.out.receiver]
}

loki.echo "out" { }`,
  arguments: {
    forward_to: output('Where entries go.', logs),
  },
  exports: {
    input: input('Takes log records.', otlp),
  },
  metrics: {
    total: counter('otelcol_exporter_loki_entries_total', 'Log records that came in.'),
    processed: counter('otelcol_exporter_loki_entries_processed', 'Log records that became entries.'),
    failed: counter(
      'otelcol_exporter_loki_entries_failed',
      'Log records that could not become entries, and were dropped.',
    ),
  },
  build({ args, metrics, log }) {
    let isFailureLogged = false;
    const counts: EntryCounts = {
      processed() {
        metrics.total.inc();
        metrics.processed.inc();
      },
      failed(why) {
        metrics.total.inc();
        metrics.failed.inc();
        if (!isFailureLogged) log.error('cannot convert log record, it is dropped', { error: why });
        isFailureLogged = true;
      },
    };
    const entries = converting(() => new LokiEntries(counts), args.forward_to);
    const consumer: Consumer<OtlpBatch> = {
      consume(batch, delivery) {
        if (batch.kind !== 'logs') throw unsupported();
        return entries.consume(batch, delivery);
      },
    };
    return { exports: { input: consumer } };
  },
});
