import { component } from '../../component/component.ts';
import type { SampleBatch } from '../../model/sample-batch.ts';
import { metrics } from '../../model/signal.ts';
import { string } from '../../schema/attributes.ts';
import { input } from '../../schema/exports.ts';
import type { EchoFormat } from './prometheus.echo/family-header.ts';
import { KnownFamilies } from './prometheus.echo/known-families.ts';
import { sampleExposition } from './prometheus.echo/sample-exposition.ts';

export const prometheusEcho = component({
  name: 'prometheus.echo',
  stability: 'generally-available',
  doc: `
Writes the samples of every batch to the log of the program as an exposition, for trying out a configuration. They are
acknowledged at once. Metrics are shown with their types, help texts and units as far as these came with the samples, such
as from \`prometheus.scrape\` with \`honor_metadata\`, and otherwise as untyped. Of native histograms the count and the sum are
shown, and samples without a name are left out.`,
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
    const known = new KnownFamilies();
    return {
      prepare() {
        if (args.format !== format) log.warn('unknown format, text is used', { format: args.format });
        return Promise.resolve({});
      },
      exports: {
        receiver: {
          consume(batch: SampleBatch) {
            const text = sampleExposition(batch, format, known);
            if (text !== '') log.info('received metrics', { metrics: text });
          },
        },
      },
    };
  },
});
