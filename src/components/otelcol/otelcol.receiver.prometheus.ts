import { component } from '../../component/component.ts';
import { counter, gauge } from '../../component/metrics.ts';
import { metrics as metricsSignal } from '../../model/signal.ts';
import { input } from '../../schema/exports.ts';
import { debugMetricsBlock } from './debug-metrics-block.ts';
import { MetricIntake } from './otelcol.receiver.prometheus/metric-intake.ts';
import { outputBlock } from './output-block.ts';

export const otelcolReceiverPrometheus = component({
  name: 'otelcol.receiver.prometheus',
  stability: 'generally-available',
  doc: `
Turns samples of the \`prometheus\` components into OTLP metrics. \`job\` and \`instance\` become the resource:
\`service.name\`, \`service.instance.id\`, \`server.address\` and \`server.port\`; so do the labels of \`target_info\`. Other labels
become attributes of data points. Names stay as they are.

Series with \`le\` and \`quantile\` become histograms and summaries where it is known that they are of such: \`prometheus.scrape\` tells
it with the samples, \`prometheus.receive_http\` with \`append_metadata\`. Metrics of which nothing is known become gauges, one for
each name. Native histograms are known by themselves. Of targets that \`prometheus.scrape\` has scraped, \`url.scheme\` and what
discovery in Kubernetes says (\`k8s.pod.name\` and others) are known too. Samples without \`job\` or \`instance\` get those of the target,
and become metrics of a resource without them where there is none.

A series that has ended becomes a data point without a recorded value. A histogram or summary needs its count. A batch of
samples becomes one request, accepted and delivered as the next components say.`,
  example: `
prometheus.scrape "app" {
  targets    = [{"__address__" = "127.0.0.1:9090", job = "app"}]
  forward_to = [otelcol.receiver.prometheus.metrics.receiver]
}

otelcol.receiver.prometheus "metrics" {
  output {
    metrics = [otelcol.exporter.otlp.main.input]
  }
}

otelcol.exporter.otlp "main" {
  client {
    endpoint = "127.0.0.1:4317"
  }
}`,
  arguments: {
    output: outputBlock('Where metrics go: the consumers for metrics. There are no logs and no traces.'),
    debug_metrics: debugMetricsBlock,
  },
  exports: { receiver: input('Takes the samples.', metricsSignal) },
  metrics: {
    dropped: counter(
      'millrace_receiver_prometheus_samples_dropped_total',
      'Samples that did not become data points: `no_name`; `no_bound` for buckets and quantiles without one; `no_count` for histograms and summaries; `invalid_histogram` for native ones with too many buckets.',
      ['reason'],
    ),
    droppedExemplars: counter(
      'millrace_receiver_prometheus_exemplars_dropped_total',
      'Exemplars that came without a sample of their series.',
    ),
    remembered: gauge(
      'millrace_receiver_prometheus_cache_entries',
      'Series and families of metrics of which something is remembered.',
    ),
  },
  build({ id, args, metrics, program }) {
    const intake = new MetricIntake(id, args.output.metrics, metrics, program.version);
    return {
      exports: { receiver: intake },
      async close() {
        intake.close();
      },
    };
  },
});
