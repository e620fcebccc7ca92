import { component } from '../../component/component.ts';
import type { Consumer } from '../../flow/delivery.ts';
import type { LogBatch } from '../../model/log-batch.ts';
import { logs } from '../../model/signal.ts';
import { input } from '../../schema/exports.ts';
import { converting } from './converter.ts';
import { EntryRecords } from './otelcol.receiver.loki/entry-records.ts';
import { outputBlock } from './output-block.ts';

export const otelcolReceiverLoki = component({
  name: 'otelcol.receiver.loki',
  stability: 'generally-available',
  doc: `
Makes log records of OpenTelemetry of log entries for Loki. The body is the line. Labels and structured metadata become
attributes; \`loki.attribute.labels\` names those that were labels, from which \`otelcol.exporter.loki\` makes the same
labels again. A label \`filename\` becomes \`log.file.path\` and \`log.file.name\` as well.

The records of a batch go on as one batch, which is delivered when they are.`,
  example: `
loki.source.file "app" {
  targets    = [{__path__ = "/var/log/app.log"}]
  forward_to = [otelcol.receiver.loki.app.receiver]
}

otelcol.receiver.loki "app" {
  output {
    logs = [otelcol.exporter.loki.app.input]
  }
}

otelcol.exporter.loki "app" {
  forward_to = [loki.echo.out.receiver]
}

loki.echo "out" { }`,
  arguments: {
    output: outputBlock('Where records go: the consumers for logs. There are no metrics and no traces.'),
  },
  exports: {
    receiver: input('Takes the entries.', logs),
  },
  metrics: {},
  build({ args }) {
    const { logs: to } = args.output;
    const receiver: Consumer<LogBatch> =
      to === undefined ? { consume: () => undefined } : converting(() => new EntryRecords(), to);
    return { exports: { receiver } };
  },
});
