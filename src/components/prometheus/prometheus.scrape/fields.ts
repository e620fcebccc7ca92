import { metrics } from '../../../model/signal.ts';
import { checkHttpClient, httpClientFields } from '../../../net/http-client-fields.ts';
import { bool, bytes, duration, integer, list, map, number, oneOf, string } from '../../../schema/attributes.ts';
import { block } from '../../../schema/blocks.ts';
import type { ArgumentsOf, Attribute } from '../../../schema/field.ts';
import { output } from '../../../schema/receiver.ts';
import { targets } from '../../../schema/targets.ts';
import { listType, oneOfType, stringType } from '../../../schema/types.ts';
import { scrapeProtocols, usualProtocols, type EscapingScheme } from './negotiation.ts';

export type ScrapeArguments = ArgumentsOf<typeof scrapeFields>;

const limit = (doc: string): Attribute<number> =>
  integer(doc)
    .default(0)
    .check((value) => (value >= 0 ? undefined : 'must not be negative'));

const positiveTime = (time: number): string | undefined => (time > 0 ? undefined : 'must be greater than 0');

export const scrapeFields = {
  targets: targets(`
What to scrape. \`__address__\` is the host and port, without which the port is that of the scheme; \`__scheme__\`,
\`__metrics_path__\`, \`__param_<name>\`, \`__scrape_interval__\`, \`__scrape_timeout__\`, \`__scrape_native_histograms__\`,
\`__always_scrape_classic_histograms__\` and \`__convert_classic_histograms_to_nhcb__\` take the place of arguments. Other
labels become labels of the series unless their names begin with two underscores; without an \`instance\`, that is the
address.`),
  forward_to: output('Where samples go.', metrics),
  job_name: string('The `job` of targets that have none; the ID of the component if this is empty.').default(''),
  extra_metrics: bool(
    'Whether `scrape_timeout_seconds`, `scrape_sample_limit` and `scrape_body_size_bytes` are reported for each target.',
  ).default(false),
  honor_labels: bool(
    'Whether labels that a target exposes count more than those of the target itself; otherwise they become `exported_<name>`.',
  ).default(false),
  honor_timestamps: bool('Whether samples keep the timestamps that a target exposes.').default(true),
  track_timestamps_staleness: bool(
    'Whether series with timestamps of their own are marked when they end, too.',
  ).default(false),
  honor_metadata: bool('Whether types, help texts and units are sent with the samples.')
    .default(false)
    .needs('experimental'),
  enable_type_and_unit_labels: bool('Whether series get their type and unit as the labels `__type__` and `__unit__`.')
    .default(false)
    .needs('experimental'),
  start_timestamp_zero_ingestion: bool(
    'Whether a sample of 0 is added at the time when a counter began, where a target tells that.',
  )
    .default(false)
    .needs('experimental'),
  params: map('Parameters of the requests.', listType(stringType)).default(new Map()),
  scrape_classic_histograms: bool('Whether classic histograms are kept besides native ones.').default(false),
  scrape_native_histograms: bool(
    'Whether native histograms are scraped; needs the protocol `PrometheusProto`.',
  ).default(false),
  convert_classic_histograms_to_nhcb: bool(
    'Whether classic histograms become native ones with custom buckets. They stay as they are if they cannot.',
  ).default(false),
  native_histogram_bucket_limit: limit(
    'How many buckets a native histogram may have; those with more are made coarser, and if that is not possible the scrape fails. 0 for any number.',
  ),
  native_histogram_min_bucket_factor: number(
    'The least factor by which buckets may grow; finer native histograms are made coarser. 0 for any.',
  )
    .default(0)
    .check((factor) => (factor >= 0 ? undefined : 'must not be negative')),
  scrape_interval: duration('How often targets are scraped.').default(60_000).check(positiveTime),
  scrape_timeout: duration('How long a scrape may take, with the last byte of the response.')
    .default(10_000)
    .check(positiveTime),
  scrape_protocols: list('What targets are asked for, first what is wanted most.', oneOfType(scrapeProtocols))
    .default(usualProtocols)
    .check((names) => {
      if (names.length === 0) return 'must name at least one protocol';
      const twice = names.find((name, index) => names.indexOf(name) !== index);
      return twice === undefined ? undefined : `must not name ${JSON.stringify(twice)} twice`;
    }),
  enable_protobuf_negotiation: bool(
    'Deprecated: asks for `PrometheusProto` first and scrapes native histograms. Use `scrape_native_histograms`.',
  ).default(false),
  scrape_fallback_protocol: oneOf(
    'How a response is read whose `Content-Type` does not say what it is. If it is empty, such scrapes fail.',
    '',
    ...scrapeProtocols,
  ).default('PrometheusText0.0.4'),
  metrics_path: string('The path of the metrics.').default('/metrics'),
  scheme: string('The scheme of the requests: `http` or `https`.').default('http'),
  body_size_limit: bytes('How large the body of a response may be, uncompressed; 0 for up to 256MiB.').default(0),
  sample_limit: limit('How many samples a scrape may have; with more it fails. 0 for any number.'),
  target_limit: limit('How many targets there may be; with more, all scrapes fail. 0 for any number.'),
  label_limit: limit('How many labels a series may have; with more the scrape fails. 0 for any number.'),
  label_name_length_limit: limit('How many bytes the name of a label may have. 0 for any number.'),
  label_value_length_limit: limit('How many bytes the value of a label may have. 0 for any number.'),
  enable_compression: bool('Whether targets may compress their responses.').default(true),
  metric_name_validation_scheme: oneOf(
    'Which names are valid: any in UTF-8, or those that Prometheus had for long. A scrape with others fails.',
    'legacy',
    'utf8',
  ).default('legacy'),
  metric_name_escaping_scheme: oneOf(
    'How targets are asked to write names that are not valid as legacy ones. If it is empty: `underscores` with `legacy`, `allow-utf-8` with `utf8`.',
    '',
    'allow-utf-8',
    'underscores',
    'dots',
    'values',
  ).default(''),
  scrape_failure_log_file: string('A file to which each failed scrape is written as a line of JSON.').default(''),
  ...httpClientFields,
  clustering: block(
    'Distributes targets over the nodes of a cluster. There is none, so this node scrapes all of them.',
    {
      enabled: bool('Whether targets are distributed.'),
    },
  ).optional(),
};

/** What is wrong with the arguments together. */
export function checkScrape(args: ScrapeArguments): string | undefined {
  if (args.scrape_timeout > args.scrape_interval) return 'scrape_timeout must not be greater than scrape_interval';
  const hasProtobuf = args.scrape_protocols.includes('PrometheusProto');
  const isUntouched = args.scrape_protocols === usualProtocols;
  if (args.enable_protobuf_negotiation && !isUntouched)
    return 'enable_protobuf_negotiation and scrape_protocols cannot both be set';
  if (args.scrape_native_histograms && !hasProtobuf && !isUntouched)
    return 'scrape_native_histograms needs PrometheusProto in scrape_protocols';
  if (args.metric_name_escaping_scheme === 'allow-utf-8' && args.metric_name_validation_scheme === 'legacy')
    return 'the escaping scheme allow-utf-8 needs the validation scheme utf8';
  return checkHttpClient(args);
}

/** How targets are asked to write names. */
export function escapingOf(args: ScrapeArguments): EscapingScheme {
  if (args.metric_name_escaping_scheme !== '') return args.metric_name_escaping_scheme;
  return args.metric_name_validation_scheme === 'utf8' ? 'allow-utf-8' : 'underscores';
}
