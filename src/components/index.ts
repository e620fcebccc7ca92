import { createRequire } from 'node:module';
import path from 'node:path';
import { LazyMap } from '../base/lazy-map.ts';
import type { ComponentSpec } from '../component/component.ts';

/** Every built-in component, sorted. Each is in the file of its name, in the folder of its family. */
const names = [
  'discovery.dns',
  'discovery.file',
  'discovery.http',
  'discovery.relabel',
  'local.file',
  'local.file_match',
  'loki.echo',
  'loki.enrich',
  'loki.process',
  'loki.relabel',
  'loki.source.api',
  'loki.source.file',
  'loki.write',
  'otelcol.auth.basic',
  'otelcol.auth.bearer',
  'otelcol.auth.headers',
  'otelcol.connector.servicegraph',
  'otelcol.connector.spanlogs',
  'otelcol.connector.spanmetrics',
  'otelcol.exporter.debug',
  'otelcol.exporter.loki',
  'otelcol.exporter.otlp',
  'otelcol.exporter.otlphttp',
  'otelcol.exporter.prometheus',
  'otelcol.processor.batch',
  'otelcol.processor.memory_limiter',
  'otelcol.receiver.loki',
  'otelcol.receiver.otlp',
  'otelcol.receiver.prometheus',
  'otelcol.storage.file',
  'prometheus.echo',
  'prometheus.exporter.self',
  'prometheus.exporter.static',
  'prometheus.exporter.unix',
  'prometheus.receive_http',
  'prometheus.relabel',
  'prometheus.remote_write',
  'prometheus.scrape',
] as const;

const load = createRequire(import.meta.url);
/** Sources are run as they are, or as what they were compiled to. */
const extension = path.extname(import.meta.filename);

/** Every built-in component by its name. The code of one is loaded when it is asked for: nobody configures all of them. */
export const components: ReadonlyMap<string, ComponentSpec> = new LazyMap(names, (name) => {
  const [family] = name.split('.');
  const exports = Object.values(load(`./${family}/${name}${extension}`) as Record<string, ComponentSpec>);
  const spec = exports.find((exported) => exported.name === name);
  if (spec === undefined) throw new Error(`the file of ${name} does not export it`);
  return spec;
});
