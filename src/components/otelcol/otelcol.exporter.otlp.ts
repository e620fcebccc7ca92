import { component } from '../../component/component.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import { input } from '../../schema/exports.ts';
import { callMetrics } from './otelcol.exporter.otlp/call-metrics.ts';
import { otlpFields, withSendableHeaders, type OtlpArgs } from './otelcol.exporter.otlp/fields.ts';
import { GrpcTransport } from './otelcol.exporter.otlp/grpc-transport.ts';
import { exporterDebugInfo, sendingDoc } from './sending-queue/docs.ts';
import { exporterMetrics } from './sending-queue/metrics.ts';
import { QueuedExporter, type ExporterSetup } from './sending-queue/queued-exporter.ts';

export const otelcolExporterOtlp = component({
  name: 'otelcol.exporter.otlp',
  stability: 'generally-available',
  doc: `
Sends traces, metrics and logs as OTLP over gRPC. Connections use TLS unless the \`tls\` block says \`insecure = true\`; the
proxies of the variables HTTPS_PROXY and NO_PROXY are used.

**A request has failed for now** if there was no answer in time, or the status is Canceled, DeadlineExceeded, Aborted,
OutOfRange, Unavailable or DataLoss, or ResourceExhausted with a delay after which to try again. With another status the
server does not take it.

${sendingDoc}`,
  example: `
otelcol.exporter.otlp "tempo" {
  client {
    endpoint = "tempo:4317"

    tls {
      insecure = true
    }
  }
}`,
  arguments: otlpFields,
  exports: {
    input: input('Takes the telemetry to send.', otlp),
  },
  metrics: { ...exporterMetrics(['server_address', 'server_port']), ...callMetrics },
  debugInfo: exporterDebugInfo,
  build({ id, args, log, metrics, program, health }) {
    const setupOf = (given: OtlpArgs): ExporterSetup => ({
      transport: new GrpcTransport(withSendableHeaders(given), { program, metrics }),
      queue: given.sending_queue,
      retry: given.retry_on_failure,
    });
    const exporter = new QueuedExporter(setupOf(args), { id, type: 'otlp', metrics, log, health });
    return {
      exports: { input: exporter },
      run: (signal) => exporter.run(signal),
      update: (changed) => exporter.update(setupOf(changed)),
      close: () => exporter.close(),
      debugInfo: () => exporter.debugInfo(),
    };
  },
});
