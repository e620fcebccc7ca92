import { once } from 'node:events';
import { component } from '../../component/component.ts';
import { processEnvironment } from '../../syntax/stdlib/environment.ts';
import { answerMetrics, exporterExports, exporterTarget, hostInstance } from './exporter.ts';
import { NoData, type Host } from './prometheus.exporter.unix/collector.ts';
import { collectors, unsupportedCollectors } from './prometheus.exporter.unix/collectors.ts';
import { gauge } from './prometheus.exporter.unix/family.ts';
import { Exposition } from './prometheus.exporter.unix/exposition.ts';
import { unixFields } from './prometheus.exporter.unix/fields.ts';
import { HandlerMetrics } from './prometheus.exporter.unix/handler-metrics.ts';
import { HostFiles } from './prometheus.exporter.unix/host-files.ts';
import { HostPaths } from './prometheus.exporter.unix/host-paths.ts';
import { Samples } from './prometheus.exporter.unix/samples.ts';
import { Scrape, type OpenCollector } from './prometheus.exporter.unix/scrape.ts';
import { chosenCollectors } from './prometheus.exporter.unix/selection.ts';

const name = 'prometheus.exporter.unix';

const buildInfo = gauge(
  'exporter_build_info',
  'What exposes the metrics. The value is always 1.',
  'branch',
  'goarch',
  'goos',
  'goversion',
  'revision',
  'tags',
  'version',
);

export const prometheusExporterUnix = component({
  name,
  stability: 'generally-available',
  isLabelOptional: true,
  doc: `
Exposes metrics of the machine it runs on, as the Prometheus node exporter does on Linux. Each collector has a subject; a
collector that finds nothing tells so by \`node_scrape_collector_success\`, and does not keep the others from exposing
theirs. In a container, mount the file systems of the host and name their places in the arguments.

These collectors run unless they are switched off:

${collectors.map(({ name: collector, doc }) => `- \`${collector}\`: ${doc}`).join('\n')}

These are known and not supported yet. Switching one on logs a warning and changes nothing but that the collector has no
success: ${unsupportedCollectors.map((collector) => `\`${collector}\``).join(', ')}.`,
  example: `
prometheus.exporter.unix "default" {
  disable_collectors = ["btrfs", "zfs"]

  filesystem {
    mount_timeout = "2s"
  }
}`,
  arguments: unixFields,
  exports: exporterExports,
  metrics: {},
  build({ id, args, log, program }) {
    const chosen = chosenCollectors(args);
    const missing = chosen.filter((collector) => unsupportedCollectors.includes(collector));
    const paths = new HostPaths({
      procfs: args.procfs_path,
      sysfs: args.sysfs_path,
      rootfs: args.rootfs_path,
      udevData: args.udev_data_path,
    });
    const files = new HostFiles(paths.sys('kernel/uevent_seqnum'));
    const host: Host = {
      paths,
      files,
      args,
      log,
      isEnabled: (collector) => chosen.includes(collector),
    };
    const scrape = new Scrape(
      [
        ...collectors
          .filter((collector) => host.isEnabled(collector.name))
          .map((collector) => ({ name: collector.name, collect: collector.open(host) })),
        ...missing.map(notSupported),
      ],
      log,
      { begin: () => files.beginScrape() },
    );
    const handlerMetrics = new HandlerMetrics(args.include_exporter_metrics, new Exposition());
    const build = buildSamples(program.version);
    const render = (): Promise<string> => handlerMetrics.count(async () => [...(await scrape.collect()), build]);
    return {
      exports: { targets: [exporterTarget({ id, component: name, instance: hostInstance(program) }, program)] },
      async run(signal) {
        if (missing.length > 0) log.warn('some collectors are not supported yet', { collectors: missing.join(', ') });
        if (!signal.aborted) await once(signal, 'abort');
      },
      handle: (request) => answerMetrics(request, render),
      async close() {
        files.close();
      },
    };
  },
});

/** What the exporter is, which does not change. */
function buildSamples(version: string): Samples {
  const { os, arch } = processEnvironment(version);
  const samples = new Samples();
  samples.add(buildInfo, 1, '', arch, os, `node${process.versions.node}`, '', '', version.replace(/^v/, ''));
  return samples;
}

/** Stands in for a collector, so that its lack can be seen in the metrics too. */
function notSupported(collector: string): OpenCollector {
  const error = new NoData('the collector is not supported yet');
  return { name: collector, collect: () => Promise.reject(error) };
}
