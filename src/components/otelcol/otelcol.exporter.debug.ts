import { component } from '../../component/component.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import { bool, integer, list, string } from '../../schema/attributes.ts';
import { input } from '../../schema/exports.ts';
import { stringType } from '../../schema/types.ts';
import { debugMetricsBlock } from './debug-metrics-block.ts';
import { debugLines, verbosities } from './otelcol.exporter.debug/debug-lines.ts';
import { toFiles, toLog } from './otelcol.exporter.debug/debug-output.ts';
import { LineSampling } from './otelcol.exporter.debug/line-sampling.ts';

export const otelcolExporterDebug = component({
  name: 'otelcol.exporter.debug',
  stability: 'experimental',
  doc: `
Writes what comes to the log of the program, for trying out a configuration. A batch is a line with its kind, its size and
how many items it has. With the verbosity \`normal\` each resource, scope, span, data point and log record is a line of text
too, as OpenTelemetry's collector writes them: a span with its name, its ids and attributes, a data point with its metric,
attributes and value, a record with its body and attributes. With \`detailed\` each item is a line that says all that is
known of it, with the resource and the scope, as a request of OTLP in JSON. Batches are acknowledged at once.`,
  example: `
otelcol.exporter.debug "out" {
  verbosity = "detailed"
}`,
  arguments: {
    verbosity: string('How much is written: `basic`, `normal` or `detailed`, in any case.').default('basic'),
    sampling_initial: integer('How many batches of a kind are written in each second in any case.').default(2),
    sampling_thereafter: integer('Of the others in a second every so many are written; 0 for none.').default(1),
    use_internal_logger: bool('Whether to write to the log of the program rather than to `output_paths`.').default(
      true,
    ),
    output_paths: list(
      'Files to write to, by default `stdout`; there is `stderr` too. Only without `use_internal_logger`.',
      stringType,
    ).optional(),
    debug_metrics: debugMetricsBlock,
  },
  exports: {
    input: input('Takes spans, data points and log records.', otlp),
  },
  metrics: {},
  check({ verbosity, use_internal_logger: usesLog, output_paths: paths, ...sampling }) {
    if (!verbosities.some((known) => known === verbosity.toLowerCase()))
      return `invalid verbosity ${JSON.stringify(verbosity)}, want "basic", "normal" or "detailed"`;
    if (usesLog && paths !== undefined) return 'output_paths is not supported when use_internal_logger is true';
    if (paths?.length === 0) return 'output_paths must not be empty when use_internal_logger is false';
    if (sampling.sampling_initial < 0 || sampling.sampling_thereafter < 0) return 'sampling must not be negative';
    return undefined;
  },
  build({ args, log }) {
    const verbosity = verbosities.find((known) => known === args.verbosity.toLowerCase()) ?? 'basic';
    const output = args.use_internal_logger ? toLog(log) : toFiles(args.output_paths ?? ['stdout'], log);
    const sampling = new LineSampling(args.sampling_initial, args.sampling_thereafter);
    return {
      exports: {
        input: {
          consume: (batch) => (sampling.isWritten(batch.kind) ? output(debugLines(batch, verbosity)) : undefined),
        },
      },
    };
  },
});
