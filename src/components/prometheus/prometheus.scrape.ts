import { component } from '../../component/component.ts';
import { integerType, mapType, stringType } from '../../schema/types.ts';
import { checkScrape, scrapeFields } from './prometheus.scrape/fields.ts';
import { scrapeMetrics } from './prometheus.scrape/metrics.ts';
import { Scraper } from './prometheus.scrape/scraper.ts';

export const prometheusScrape = component({
  name: 'prometheus.scrape',
  stability: 'generally-available',
  doc: `
Asks targets for their metrics again and again, and sends the samples on. The targets are spread over the interval, in steps
of a tenth of a second, so that those that are scraped together cost less. Targets that stay in a change of the arguments
are scraped on.

A scrape is taken as a whole or not at all: after one that failed, \`up\` is 0 and nothing else is sent but the marks that
the series have ended. The series \`up\`, \`scrape_duration_seconds\`, \`scrape_samples_scraped\`,
\`scrape_samples_post_metric_relabeling\` and \`scrape_series_added\` tell of each scrape.

A series that a target does not expose any more is marked as ended in the next scrape. When a target has gone, its series
are marked two intervals later, unless it has come again. No marks are sent when the component is removed or the program
ends.

A sample with a timestamp of its own is sent once, however often the target exposes it, and not after a later one of its
series; so are exemplars. Large responses, those over 1 MiB or with more than 10,000 series, are read one at a time and in
turns with everything else, so that a target whose series explode does not keep others waiting.

The next scrape of a target waits until the samples of the last one were accepted. Scrapes that should have taken place
meanwhile are left out and counted, but for the latest. Samples that are refused are offered again until it is time for
the next scrape, and are then lost and counted. A target that is in this program is asked without a connection.`,
  example: `
prometheus.scrape "app" {
  targets         = [{"__address__" = "127.0.0.1:9090", job = "app"}]
  scrape_interval = "15s"
  forward_to      = [prometheus.echo.out.receiver]
}

prometheus.echo "out" { }`,
  arguments: scrapeFields,
  exports: {},
  metrics: scrapeMetrics,
  check: checkScrape,
  debugInfo: {
    target: {
      kind: 'rows',
      doc: 'The targets, and how their last scrapes went.',
      fields: {
        job: { doc: 'The job.', type: stringType },
        url: { doc: 'What is asked.', type: stringType },
        health: { doc: 'Whether it is `up` or `down`; `unknown` before the first scrape.', type: stringType },
        labels: { doc: 'The labels that its series get.', type: mapType(stringType) },
        last_error: { doc: 'Why the last scrape failed; empty if it did not.', type: stringType },
        last_scrape: { doc: 'The time of the last scrape.', type: stringType },
        last_scrape_duration: { doc: 'How long it took.', type: stringType },
        samples: { doc: 'How many samples there were in the response.', type: integerType },
      },
    },
  },
  build: (context) => new Scraper(context),
});
