import { component, type ProgramInfo } from '../../component/component.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import { Connections } from '../../net/connections.ts';
import { noCredentials } from '../../net/credentials.ts';
import { httpClientOf, type HttpClient } from '../../net/http-client.ts';
import { environmentProxy, fixedProxy } from '../../net/proxy.ts';
import { input } from '../../schema/exports.ts';
import { CookieJar } from './otelcol.exporter.otlphttp/cookie-jar.ts';
import { otlpHttpFields, type HttpClientBlockArgs, type OtlpHttpArgs } from './otelcol.exporter.otlphttp/fields.ts';
import { HttpTransport } from './otelcol.exporter.otlphttp/http-transport.ts';
import { requestMetrics } from './otelcol.exporter.otlphttp/request-metrics.ts';
import { exporterDebugInfo, sendingDoc } from './sending-queue/docs.ts';
import { exporterMetrics } from './sending-queue/metrics.ts';
import { QueuedExporter, type ExporterSetup } from './sending-queue/queued-exporter.ts';
import { clientTlsOf } from './tls-block.ts';

export const otelcolExporterOtlphttp = component({
  name: 'otelcol.exporter.otlphttp',
  stability: 'generally-available',
  doc: `
Sends traces, metrics and logs as OTLP over HTTP, in protobuf or JSON. Only what has an endpoint is taken.

**A request has failed for now** if there was no answer, or one with status 408, 429, 500, 502, 503 or 504, of which Alloy
drops what is answered with 408 and 500; \`Retry-After\` is honoured with 429 and 503. With another status the server does not
take it, nor if its answer to a request it has taken makes no sense.

${sendingDoc}`,
  example: `
otelcol.exporter.otlphttp "tempo" {
  client {
    endpoint = "http://tempo:4318"
  }
}`,
  arguments: otlpHttpFields,
  exports: {
    input: input('Takes the telemetry to send.', otlp),
  },
  metrics: { ...exporterMetrics(['server_address', 'server_port', 'url_path']), ...requestMetrics },
  debugInfo: exporterDebugInfo,
  check({ client, traces_endpoint: traces, metrics_endpoint: metrics, logs_endpoint: logs }) {
    const hasEndpoint = [client.endpoint, traces, metrics, logs].some((url) => url !== undefined);
    return hasEndpoint ? undefined : 'at least one endpoint must be specified';
  },
  build({ id, args, log, metrics, program, health }) {
    const cookies = new CookieJar();
    const setupOf = (given: OtlpHttpArgs): ExporterSetup => ({
      transport: new HttpTransport(given, {
        client: clientOf(given.client, program),
        cookies: given.client.cookies?.enabled === true ? cookies : undefined,
        metrics,
      }),
      queue: given.sending_queue,
      retry: given.retry_on_failure,
    });
    const exporter = new QueuedExporter(setupOf(args), { id, type: 'otlphttp', metrics, log, health });
    return {
      exports: { input: exporter },
      run: (signal) => exporter.run(signal),
      update: (changed) => exporter.update(setupOf(changed)),
      close: () => exporter.close(),
      debugInfo: () => exporter.debugInfo(),
    };
  },
});

function clientOf(args: HttpClientBlockArgs, { userAgent, variables, memoryServer }: ProgramInfo): HttpClient {
  const { proxy_url: proxy, max_idle_conns_per_host: perHost } = args;
  const proxies = proxy === undefined ? environmentProxy(variables, {}) : fixedProxy(proxy, '', {});
  const limits = {
    keepAlive: !args.disable_keep_alives,
    timeout: args.idle_conn_timeout,
    maxFreeSockets: perHost === 0 ? Math.max(1, args.max_idle_conns) : perHost,
    ...(args.max_conns_per_host === 0 ? {} : { maxSockets: args.max_conns_per_host }),
  };
  return httpClientOf({
    connections: new Connections(clientTlsOf(args.tls), proxies, { limits }),
    credentials: noCredentials,
    followsRedirects: 'unchanged',
    headers: {},
    userAgent,
    memoryServer,
  });
}
