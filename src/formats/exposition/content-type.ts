import { ParseError } from '../../base/parse-error.ts';

/** The formats of expositions. */
export type ExpositionFormat = 'text' | 'openmetrics' | 'protobuf';

/** The protocols of `scrape_protocols`, and what is asked for them. */
export const scrapeProtocols = {
  PrometheusProto: {
    format: 'protobuf',
    mediaType: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
    canEscape: false,
  },
  'OpenMetricsText0.0.1': {
    format: 'openmetrics',
    mediaType: 'application/openmetrics-text;version=0.0.1',
    canEscape: false,
  },
  'OpenMetricsText1.0.0': {
    format: 'openmetrics',
    mediaType: 'application/openmetrics-text;version=1.0.0',
    canEscape: true,
  },
  'PrometheusText0.0.4': { format: 'text', mediaType: 'text/plain;version=0.0.4', canEscape: false },
  'PrometheusText1.0.0': { format: 'text', mediaType: 'text/plain;version=1.0.0', canEscape: true },
} as const;

export type ScrapeProtocol = keyof typeof scrapeProtocols;

/** The header that asks for protocols, the best first. */
export function acceptHeader(protocols: readonly ScrapeProtocol[], escaping: string): string {
  const wanted = protocols.map((protocol, index) => {
    const { mediaType, canEscape } = scrapeProtocols[protocol];
    return `${mediaType}${canEscape ? `;escaping=${escaping}` : ''};q=0.${6 - index}`;
  });
  return [...wanted, `*/*;q=0.${6 - protocols.length}`].join(',');
}

/** How an answer is read, and why not as it says itself. */
export interface ChosenFormat {
  readonly format: ExpositionFormat;
  readonly problem: string | undefined;
}

const formats: ReadonlyMap<string, ExpositionFormat> = new Map([
  ['text/plain', 'text'],
  ['application/openmetrics-text', 'openmetrics'],
  ['application/vnd.google.protobuf', 'protobuf'],
]);

/** Chooses by the `Content-Type` of an answer. What has none, or one that is not known, is read as the fallback says. */
export function chooseFormat(contentType: string, fallback: ScrapeProtocol | undefined): ChosenFormat | ParseError {
  const mediaType = contentType === '' ? undefined : parseMediaType(contentType);
  const format = mediaType === undefined ? undefined : formats.get(mediaType);
  if (format !== undefined) return { format, problem: undefined };
  const quoted = JSON.stringify(contentType);
  const problem =
    contentType === ''
      ? 'target sends no Content-Type'
      : mediaType === undefined
        ? `target sends the malformed Content-Type ${quoted}`
        : `target sends the unsupported Content-Type ${quoted}`;
  if (fallback === undefined) return new ParseError(`${problem}, and there is no scrape_fallback_protocol`);
  return { format: scrapeProtocols[fallback].format, problem: `${problem}, using ${fallback}` };
}

const token = String.raw`[!#$%&'*+\-.^_\x60|~0-9A-Za-z]+`;
const typePattern = new RegExp(String.raw`^\s*(${token}(?:/${token})?)\s*(?=;|$)`);
const parameterPattern = new RegExp(String.raw`^;\s*(${token})\s*=\s*(?:${token}|"(?:[^"\\\r\n]|\\.)*")\s*(?=;|$)`);

/** The media type in lower case; undefined if the header is malformed or has a parameter twice. */
function parseMediaType(header: string): string | undefined {
  const type = typePattern.exec(header);
  if (type === null) return undefined;
  const names = new Set<string>();
  let rest = header.slice(type[0].length);
  while (rest.trim() !== '' && rest.trim() !== ';') {
    const parameter = parameterPattern.exec(rest);
    const name = parameter?.[1]?.toLowerCase();
    if (parameter === null || name === undefined || names.has(name)) return undefined;
    names.add(name);
    rest = rest.slice(parameter[0].length);
  }
  return type[1]?.toLowerCase();
}
