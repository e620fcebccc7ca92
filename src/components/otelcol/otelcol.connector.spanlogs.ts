import { component } from '../../component/component.ts';
import { counter } from '../../component/metrics.ts';
import type { Consumer } from '../../flow/delivery.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { input } from '../../schema/exports.ts';
import { converting } from './converter.ts';
import { spanLogsFields } from './otelcol.connector.spanlogs/fields.ts';
import { SpanRecords } from './otelcol.connector.spanlogs/span-records.ts';
import { outputBlock, unsupported } from './output-block.ts';

export const otelcolConnectorSpanlogs = component({
  name: 'otelcol.connector.spanlogs',
  stability: 'generally-available',
  doc: `
Makes log records of spans. The body of a record is a line of logfmt such as
\`span=checkout dur=1200ns status=Error svc=shop tid=0af7651916cd43dd8448eb211c80319c\`, with the attributes that are
listed behind the values of the span or the service that they belong to.

Records have no time and no severity. The attribute \`traces\` says what they are of. A batch is delivered when its
records are.`,
  example: `
otelcol.connector.spanlogs "roots" {
  roots           = true
  span_attributes = ["http.route", "http.status_code"]
  labels          = ["http.route"]

  output {
    logs = [otelcol.exporter.loki.spans.input]
  }
}

otelcol.exporter.loki "spans" {
  forward_to = [loki.echo.out.receiver]
}

loki.echo "out" { }`,
  arguments: {
    ...spanLogsFields,
    output: outputBlock('Where records go: the consumers for logs. There are no metrics and no traces.'),
  },
  exports: {
    input: input('Takes spans.', otlp),
  },
  metrics: {
    dropped: counter(
      'otelcol_connector_spanlogs_dropped_records_total',
      'Records that were not made, since logfmt can have none of the characters of one of their keys.',
      ['reason'],
    ),
  },
  build({ args, metrics }) {
    const { logs: to } = args.output;
    const dropped = (): void => metrics.dropped.with('invalid_key').inc();
    const records = to && converting(() => new SpanRecords(args, dropped), to);
    const consumer: Consumer<OtlpBatch> = {
      consume(batch, delivery) {
        if (batch.kind !== 'traces') throw unsupported();
        return records?.consume(batch, delivery);
      },
    };
    return { exports: { input: consumer } };
  },
});
