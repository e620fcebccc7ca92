import type { ComponentSpec } from '../component/component.ts';
import { discoveryDns } from './discovery/discovery.dns.ts';
import { discoveryFile } from './discovery/discovery.file.ts';
import { discoveryHttp } from './discovery/discovery.http.ts';
import { discoveryRelabel } from './discovery/discovery.relabel.ts';
import { localFile } from './local/local.file.ts';
import { localFileMatch } from './local/local.file_match.ts';
import { lokiEcho } from './loki/loki.echo.ts';
import { lokiEnrich } from './loki/loki.enrich.ts';
import { lokiProcess } from './loki/loki.process.ts';
import { lokiRelabel } from './loki/loki.relabel.ts';
import { lokiSourceApi } from './loki/loki.source.api.ts';
import { lokiSourceFile } from './loki/loki.source.file.ts';
import { lokiWrite } from './loki/loki.write.ts';
import { otelcolAuthBasic } from './otelcol/otelcol.auth.basic.ts';
import { otelcolAuthBearer } from './otelcol/otelcol.auth.bearer.ts';
import { otelcolAuthHeaders } from './otelcol/otelcol.auth.headers.ts';
import { otelcolConnectorServicegraph } from './otelcol/otelcol.connector.servicegraph.ts';
import { otelcolConnectorSpanlogs } from './otelcol/otelcol.connector.spanlogs.ts';
import { otelcolConnectorSpanmetrics } from './otelcol/otelcol.connector.spanmetrics.ts';
import { otelcolExporterDebug } from './otelcol/otelcol.exporter.debug.ts';
import { otelcolExporterLoki } from './otelcol/otelcol.exporter.loki.ts';
import { otelcolExporterOtlp } from './otelcol/otelcol.exporter.otlp.ts';
import { otelcolExporterOtlphttp } from './otelcol/otelcol.exporter.otlphttp.ts';
import { otelcolExporterPrometheus } from './otelcol/otelcol.exporter.prometheus.ts';
import { otelcolProcessorBatch } from './otelcol/otelcol.processor.batch.ts';
import { otelcolProcessorMemoryLimiter } from './otelcol/otelcol.processor.memory_limiter.ts';
import { otelcolReceiverLoki } from './otelcol/otelcol.receiver.loki.ts';
import { otelcolReceiverOtlp } from './otelcol/otelcol.receiver.otlp.ts';
import { otelcolReceiverPrometheus } from './otelcol/otelcol.receiver.prometheus.ts';
import { otelcolStorageFile } from './otelcol/otelcol.storage.file.ts';
import { prometheusEcho } from './prometheus/prometheus.echo.ts';
import { prometheusExporterSelf } from './prometheus/prometheus.exporter.self.ts';
import { prometheusExporterStatic } from './prometheus/prometheus.exporter.static.ts';
import { prometheusExporterUnix } from './prometheus/prometheus.exporter.unix.ts';
import { prometheusReceiveHttp } from './prometheus/prometheus.receive_http.ts';
import { prometheusRelabel } from './prometheus/prometheus.relabel.ts';
import { prometheusRemoteWrite } from './prometheus/prometheus.remote_write.ts';
import { prometheusScrape } from './prometheus/prometheus.scrape.ts';

/** Every built-in component, sorted by name. */
const catalogue: readonly ComponentSpec[] = [
  discoveryDns,
  discoveryFile,
  discoveryHttp,
  discoveryRelabel,
  localFile,
  localFileMatch,
  lokiEcho,
  lokiEnrich,
  lokiProcess,
  lokiRelabel,
  lokiSourceApi,
  lokiSourceFile,
  lokiWrite,
  otelcolAuthBasic,
  otelcolAuthBearer,
  otelcolAuthHeaders,
  otelcolConnectorServicegraph,
  otelcolConnectorSpanlogs,
  otelcolConnectorSpanmetrics,
  otelcolExporterDebug,
  otelcolExporterLoki,
  otelcolExporterOtlp,
  otelcolExporterOtlphttp,
  otelcolExporterPrometheus,
  otelcolProcessorBatch,
  otelcolProcessorMemoryLimiter,
  otelcolReceiverLoki,
  otelcolReceiverOtlp,
  otelcolReceiverPrometheus,
  otelcolStorageFile,
  prometheusEcho,
  prometheusExporterSelf,
  prometheusExporterStatic,
  prometheusExporterUnix,
  prometheusReceiveHttp,
  prometheusRelabel,
  prometheusRemoteWrite,
  prometheusScrape,
];

/** Every built-in component by its name. */
export const components: ReadonlyMap<string, ComponentSpec> = new Map(catalogue.map((spec) => [spec.name, spec]));
