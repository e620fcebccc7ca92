import type { Milliseconds } from '../../../base/duration.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { Labels } from '../../../model/labels.ts';
import { formatPrometheusDuration, parsePrometheusDuration } from './prometheus-duration.ts';

/** What targets have that say nothing else. */
export interface TargetDefaults {
  readonly job: string;
  readonly scheme: string;
  readonly metricsPath: string;
  readonly interval: Milliseconds;
  readonly timeout: Milliseconds;
  readonly params: ReadonlyMap<string, readonly string[]>;
  readonly hasNativeHistograms: boolean;
  readonly keepsClassicHistograms: boolean;
  readonly convertsClassicHistograms: boolean;
}

/** Something to scrape, with everything decided. */
export interface ScrapeTarget {
  /** The same for targets that are one and the same, whatever their times. */
  readonly key: string;
  /** What discovery has found. */
  readonly discovered: Labels;
  /** The labels that its series get. */
  readonly labels: Labels;
  readonly job: string;
  readonly url: URL;
  readonly interval: Milliseconds;
  readonly timeout: Milliseconds;
  readonly hasNativeHistograms: boolean;
  readonly keepsClassicHistograms: boolean;
  readonly convertsClassicHistograms: boolean;
}

/** The labels of a target with everything filled in that it does not say itself, before it is looked at. */
export function populated(labels: Labels, defaults: TargetDefaults): Labels {
  const pairs = new Map<string, string>();
  for (const [name, value] of labels) if (!name.startsWith('__meta_') && value !== '') pairs.set(name, value);
  const fill = (name: string, value: string): void => {
    if (!pairs.has(name)) pairs.set(name, value);
  };
  fill('job', defaults.job);
  fill('__scrape_interval__', formatPrometheusDuration(defaults.interval));
  fill('__scrape_timeout__', formatPrometheusDuration(defaults.timeout));
  fill('__metrics_path__', defaults.metricsPath);
  fill('__scheme__', defaults.scheme);
  fill('__scrape_native_histograms__', String(defaults.hasNativeHistograms));
  fill('__always_scrape_classic_histograms__', String(defaults.keepsClassicHistograms));
  fill('__convert_classic_histograms_to_nhcb__', String(defaults.convertsClassicHistograms));
  for (const [name, [first]] of defaults.params) if (first !== undefined) fill(`__param_${name}`, first);
  const address = pairs.get('__address__');
  if (address !== undefined) fill('instance', address);
  return Labels.from(pairs);
}

/** A discovered target as one that can be scraped, or why it cannot be; undefined if nothing would name its series. */
export function scrapeTarget(discovered: Labels, defaults: TargetDefaults): ScrapeTarget | ParseError | undefined {
  const all = populated(discovered, defaults);
  const address = all.get('__address__');
  if (address === undefined) return new ParseError('no address');
  if (address.includes('/')) return new ParseError(`${JSON.stringify(address)} is not a valid target address`);
  for (const [name, value] of all)
    if (!value.isWellFormed())
      return new ParseError(`invalid label value for ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  const interval = timeOf(all, '__scrape_interval__', 'scrape interval');
  if (interval instanceof ParseError) return interval;
  const timeout = timeOf(all, '__scrape_timeout__', 'scrape timeout');
  if (timeout instanceof ParseError) return timeout;
  if (timeout > interval) {
    const [shownTimeout, shownInterval] = [formatPrometheusDuration(timeout), formatPrometheusDuration(interval)];
    return new ParseError(`scrape timeout cannot be greater than scrape interval (${shownTimeout} > ${shownInterval})`);
  }
  const histograms = histogramSettings(all);
  if (histograms instanceof ParseError) return histograms;
  const labels = all.filter((name) => !name.startsWith('__'));
  if (labels.size === 0) return undefined;
  const url = urlOf(all, address, defaults.params);
  if (url instanceof ParseError) return url;
  const job = all.get('job') ?? '';
  return { key: `${url.href} ${labels.toString()}`, discovered, labels, job, url, interval, timeout, ...histograms };
}

function timeOf(labels: Labels, name: string, shown: string): Milliseconds | ParseError {
  const time = parsePrometheusDuration(labels.get(name) ?? '');
  if (time instanceof ParseError) return new ParseError(`cannot read the ${shown}: ${time.message}`);
  return time === 0 ? new ParseError(`${shown} cannot be 0`) : time;
}

function histogramSettings(
  labels: Labels,
): Pick<ScrapeTarget, 'hasNativeHistograms' | 'keepsClassicHistograms' | 'convertsClassicHistograms'> | ParseError {
  const names = [
    '__scrape_native_histograms__',
    '__always_scrape_classic_histograms__',
    '__convert_classic_histograms_to_nhcb__',
  ];
  const values: boolean[] = [];
  for (const name of names) {
    const value = boolOf(labels.get(name) ?? '');
    if (value === undefined)
      return new ParseError(`${name} is ${JSON.stringify(labels.get(name))}, want true or false`);
    values.push(value);
  }
  const [hasNativeHistograms = false, keepsClassicHistograms = false, convertsClassicHistograms = false] = values;
  return { hasNativeHistograms, keepsClassicHistograms, convertsClassicHistograms };
}

function boolOf(text: string): boolean | undefined {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return true;
  return /^(?:0|f|F|false|FALSE|False)$/.test(text) ? false : undefined;
}

function urlOf(labels: Labels, address: string, params: ReadonlyMap<string, readonly string[]>): URL | ParseError {
  const scheme = labels.get('__scheme__') ?? '';
  if (scheme !== 'http' && scheme !== 'https')
    return new ParseError(`unsupported scheme ${JSON.stringify(scheme)}, use http or https`);
  const url = URL.parse(`${scheme}://${address}`);
  const hasMore = url !== null && (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '');
  if (url === null || hasMore) return new ParseError(`${JSON.stringify(address)} is not a valid target address`);
  url.pathname = labels.get('__metrics_path__') ?? '';
  const all = new Map(params);
  for (const [label, value] of labels) {
    if (!label.startsWith('__param_')) continue;
    const name = label.slice('__param_'.length);
    all.set(name, [value, ...(params.get(name) ?? []).slice(1)]);
  }
  const sorted = [...all].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const pairs = sorted.flatMap(([name, values]) => values.map((value): [string, string] => [name, value]));
  url.search = new URLSearchParams(pairs).toString();
  return url;
}
