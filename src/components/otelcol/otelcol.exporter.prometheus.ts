import { Doorbell, repeat } from '../../base/doorbell.ts';
import { isAllowed } from '../../base/stability.ts';
import { component } from '../../component/component.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import { input } from '../../schema/exports.ts';
import { Bridge } from './otelcol.exporter.prometheus/bridge.ts';
import { prometheusExporterFields } from './otelcol.exporter.prometheus/fields.ts';
import { prometheusExporterMetrics } from './otelcol.exporter.prometheus/metrics.ts';

const experiments = ['convert_classic_histograms_to_nhcb', 'start_timestamp_zero_ingestion'] as const;

export const otelcolExporterPrometheus = component({
  name: 'otelcol.exporter.prometheus',
  stability: 'generally-available',
  doc: `
Turns OTLP metrics into samples for the \`prometheus\` components. Names get the unit and the type at their end and keep only
letters, digits and underscores: the counter \`http.server.requests\` becomes \`http_server_requests_total\`. The labels are
\`job\` (\`service.namespace\` and \`service.name\` of the resource), \`instance\` (\`service.instance.id\`) and the attributes of the
data point, which count more; of those whose names become the same the last counts. \`le\` and \`quantile\` are never those of
attributes.

Exponential histograms become native ones, which the next component must send as such: scales finer than 8 are made
coarser. Exemplars have the trace and the span as labels; those that a sender repeats are sent once. A data point without a
recorded value marks its series as ended.

Sums and histograms must be cumulative; others are dropped. So are points that are older than the last one of their
series, and histograms whose buckets do not add up. All of that is counted by reason, and each reason is logged once.

A batch is accepted and delivered as the next components say. If they refuse it, it can be sent again and becomes the same
samples, but for \`target_info\` and \`otel_scope_info\`, which have the time of the moment. What is known of series is
remembered while data points come for them, and five minutes longer.`,
  example: `
otelcol.exporter.prometheus "metrics" {
  forward_to = [prometheus.remote_write.main.receiver]
}

prometheus.remote_write "main" {
  endpoint {
    url                    = "http://mimir:9009/api/v1/push"
    send_native_histograms = true
  }
}`,
  arguments: prometheusExporterFields,
  exports: { input: input('Takes metrics; traces and logs are refused.', otlp) },
  metrics: prometheusExporterMetrics,
  check(args, minimumStability) {
    if (isAllowed('experimental', minimumStability)) return undefined;
    const wanted = experiments.find((name) => args[name]);
    return wanted && `${wanted} requires stability.level flag to be experimental`;
  },
  build({ id, args, metrics, log }) {
    const bridge = new Bridge(id, args, metrics, log);
    const forgetting = new Doorbell();
    return {
      exports: { input: bridge },
      async run(signal) {
        await repeat(
          forgetting,
          signal,
          () => bridge.gcFrequency,
          async () => bridge.forgetUnseen(),
        );
      },
      update(changed) {
        bridge.update(changed);
        forgetting.ring();
      },
      async close() {
        bridge.close();
      },
    };
  },
});
