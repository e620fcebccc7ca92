import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as GrpcExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BatchSpanProcessor, TracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace';

/*
 * A program that is instrumented with the OpenTelemetry SDK: a trace of a request with a call to a database, a counter and
 * a histogram, and a log record. Arguments: `grpc`, `protobuf` or `json`, and where OTLP is taken over gRPC and over HTTP.
 * Prints the ids of its spans.
 */
const [protocol = 'grpc', grpcUrl = '', httpUrl = ''] = process.argv.slice(2);
const resource = resourceFromAttributes({ 'service.name': 'checkout', 'service.version': '1.2.3' });

function traceExporter(): SpanExporter {
  if (protocol === 'grpc') return new GrpcExporter({ url: grpcUrl });
  const url = `${httpUrl}/v1/traces`;
  return protocol === 'json' ? new JsonExporter({ url }) : new ProtobufExporter({ url });
}

const traces = new TracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor({ exporter: traceExporter() })],
});
const tracer = traces.getTracer('checkout-http', '0.4.0');
const request = tracer.startSpan('POST /checkout', {
  kind: SpanKind.SERVER,
  attributes: { 'http.method': 'POST', 'http.status_code': 500, retries: 2, ratio: 0.25, tags: ['a', 'b'] },
});
const query = tracer.startSpan(
  'INSERT orders',
  { kind: SpanKind.CLIENT, attributes: { 'db.system': 'postgresql' }, links: [{ context: request.spanContext() }] },
  trace.setSpan(context.active(), request),
);
query.recordException(new Error('connection refused: \u{1f4a5}'));
query.setStatus({ code: SpanStatusCode.ERROR, message: 'connection refused' });
query.end();
request.end();

const meters = new MeterProvider({
  resource,
  readers: [
    new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter({ url: `${httpUrl}/v1/metrics` }),
      exportIntervalMillis: 60_000,
    }),
  ],
});
const meter = meters.getMeter('checkout');
meter.createCounter('orders', { unit: '{order}' }).add(3, { currency: 'EUR' });
meter.createHistogram('latency', { unit: 'ms' }).record(12.5);

const logs = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter({ url: `${httpUrl}/v1/logs` }) })],
});
logs
  .getLogger('checkout')
  .emit({ severityNumber: 17, severityText: 'ERROR', body: 'order failed', attributes: { id: 7 } });

await Promise.all([traces.shutdown(), meters.shutdown(), logs.shutdown()]);
process.stdout.write(
  JSON.stringify({
    traceId: request.spanContext().traceId,
    request: request.spanContext().spanId,
    query: query.spanContext().spanId,
  }),
);
