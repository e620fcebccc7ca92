import { ParseError } from '../../../base/parse-error.ts';

/** What a target may be asked for, by the names of the configuration. */
export const scrapeProtocols = [
  'PrometheusProto',
  'OpenMetricsText0.0.1',
  'OpenMetricsText1.0.0',
  'PrometheusText0.0.4',
  'PrometheusText1.0.0',
] as const;

export type ScrapeProtocol = (typeof scrapeProtocols)[number];

/** How names are written that not every peer understands, as asked of targets. */
export type EscapingScheme = 'underscores' | 'dots' | 'values' | 'allow-utf-8';

/** The formats that are read; versions do not matter. */
export type ExpositionFormat = 'text' | 'openmetrics' | 'protobuf';

export const usualProtocols: readonly ScrapeProtocol[] = [
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
];

export const protobufFirst: readonly ScrapeProtocol[] = ['PrometheusProto', ...usualProtocols];

const protocols: Readonly<Record<ScrapeProtocol, { mediaType: string; format: ExpositionFormat; canEscape: boolean }>> =
  {
    PrometheusProto: {
      mediaType: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
      format: 'protobuf',
      canEscape: false,
    },
    'OpenMetricsText0.0.1': {
      mediaType: 'application/openmetrics-text;version=0.0.1',
      format: 'openmetrics',
      canEscape: false,
    },
    'OpenMetricsText1.0.0': {
      mediaType: 'application/openmetrics-text;version=1.0.0',
      format: 'openmetrics',
      canEscape: true,
    },
    'PrometheusText0.0.4': { mediaType: 'text/plain;version=0.0.4', format: 'text', canEscape: false },
    'PrometheusText1.0.0': { mediaType: 'text/plain;version=1.0.0', format: 'text', canEscape: true },
  };

/** The `Accept` header: what is wanted most comes first, and anything at all last. */
export function acceptHeader(wanted: readonly ScrapeProtocol[], escaping: EscapingScheme): string {
  const entries = wanted.map((name) => {
    const { mediaType, canEscape } = protocols[name];
    return canEscape ? `${mediaType};escaping=${escaping}` : mediaType;
  });
  const tenths = scrapeProtocols.length + 1;
  return [...entries, '*/*'].map((entry, index) => `${entry};q=0.${tenths - index}`).join(',');
}

/** Which format a response has, and what is wrong with its `Content-Type` if it had to be guessed. */
export interface ChosenFormat {
  readonly format: ExpositionFormat;
  readonly problem: string | undefined;
}

/** Chooses the format by the `Content-Type` header; what to take if that says nothing may be missing. */
export function chooseFormat(
  contentType: string | undefined,
  fallback: ScrapeProtocol | undefined,
): ChosenFormat | ParseError {
  const mediaType = mediaTypeOf(contentType ?? '');
  const format = typeof mediaType === 'string' ? formats.get(mediaType) : undefined;
  if (format !== undefined) return { format, problem: undefined };
  const shown = JSON.stringify((contentType ?? '').slice(0, 200));
  const problem =
    mediaType instanceof ParseError
      ? mediaType.message
      : mediaType === ''
        ? 'the target sent no Content-Type'
        : `the target sent the unsupported Content-Type ${shown}`;
  if (fallback === undefined)
    return new ParseError(`${problem}, and there is no scrape_fallback_protocol for the target`);
  return { format: protocols[fallback].format, problem };
}

const formats: ReadonlyMap<string, ExpositionFormat> = new Map([
  ['text/plain', 'text'],
  ['application/openmetrics-text', 'openmetrics'],
  ['application/vnd.google.protobuf', 'protobuf'],
]);

const token = String.raw`[!#$%&'*+.^_\`|~0-9A-Za-z-]+`;
const typePattern = new RegExp(`^\\s*(${token}(?:/${token})?)\\s*(?:;|$)`);
const parameterPattern = new RegExp(`^\\s*(${token})=(?:${token}|"(?:[^"\\\\]|\\\\.)*")\\s*(?:;|$)`);

/** The media type in lower case, which is empty if there is none. Its parameters must be well formed. */
function mediaTypeOf(contentType: string): string | ParseError {
  if (contentType.trim() === '') return '';
  const invalid = new ParseError(
    `the target sent the invalid Content-Type ${JSON.stringify(contentType.slice(0, 200))}`,
  );
  // More than this is no header of anyone who means well.
  if (contentType.length > 1024) return invalid;
  const type = typePattern.exec(contentType);
  if (type === null) return invalid;
  const seen = new Set<string>();
  for (let rest = contentType.slice(type[0].length); rest.trim() !== '';) {
    const parameter = parameterPattern.exec(rest);
    const name = parameter?.[1]?.toLowerCase();
    if (parameter === null || name === undefined || seen.has(name)) return invalid;
    seen.add(name);
    rest = rest.slice(parameter[0].length);
  }
  return (type[1] ?? '').toLowerCase();
}
