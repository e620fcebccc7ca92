import { component } from '../../component/component.ts';
import type { SampleBatch } from '../../model/sample-batch.ts';
import { metrics } from '../../model/signal.ts';
import { string } from '../../schema/attributes.ts';
import { input } from '../../schema/exports.ts';
import { sampleExposition, type EchoFormat } from './prometheus.echo/sample-exposition.ts';

export const prometheusEcho = component({
  name: 'prometheus.echo',
  stability: 'generally-available',
  doc: `
Writes the samples of every batch to the log of the program as an exposition, for trying out a configuration. They are
acknowledged at once. All metrics are shown as untyped, and of native histograms the count and the sum only. Samples
without a name are left out.`,
  example: `
prometheus.echo "out" { }`,
  arguments: {
    format: string('The format: `text` or `openmetrics`. Any other is taken for `text`.').default('text'),
  },
  exports: {
    receiver: input('Takes the samples to show.', metrics),
  },
  metrics: {},
  build({ args, log }) {
    const format: EchoFormat = args.format === 'openmetrics' ? 'openmetrics' : 'text';
    return {
      prepare() {
        if (args.format !== format) log.warn('unknown format, text is used', { format: args.format });
        return Promise.resolve({});
      },
      exports: {
        receiver: {
          consume(batch: SampleBatch) {
            const text = sampleExposition(batch, format);
            if (text !== '') log.info('received metrics', { metrics: text });
          },
        },
      },
    };
  },
});
