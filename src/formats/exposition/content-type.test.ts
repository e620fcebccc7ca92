import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../../base/parse-error.ts';
import { acceptHeader, chooseFormat, type ScrapeProtocol } from './content-type.ts';

/** The format, with a question mark if it is only the fallback, or the error. */
function choose(contentType: string, fallback?: ScrapeProtocol): string {
  const chosen = chooseFormat(contentType, fallback);
  if (chosen instanceof ParseError) return `error: ${chosen.message}`;
  return chosen.problem === undefined ? chosen.format : `${chosen.format}? ${chosen.problem}`;
}

test('an answer is read as its Content-Type says, or else as the fallback', () => {
  const none = 'and there is no scrape_fallback_protocol';
  const twice = 'application/openmetrics-text; charset=UTF-8; charset=utf-8';
  const cases: readonly [name: string, contentType: string, fallback: ScrapeProtocol | undefined, chosen: string][] = [
    ['C1', '', undefined, `error: target sends no Content-Type, ${none}`],
    ['C2', '', 'PrometheusText0.0.4', 'text? target sends no Content-Type, using PrometheusText0.0.4'],
    ['C3 a', 'invalid/', undefined, `error: target sends the malformed Content-Type "invalid/", ${none}`],
    ['C3 b', '/', undefined, `error: target sends the malformed Content-Type "/", ${none}`],
    ['C3 c', 'invalid/invalid/invalid', undefined, `error: target sends the malformed Content-Type "invalid/invalid/invalid", ${none}`],
    ['C4 a', 'invalid/', 'PrometheusText1.0.0', 'text? target sends the malformed Content-Type "invalid/", using PrometheusText1.0.0'],
    ['C4 b', '/', 'OpenMetricsText0.0.1', 'openmetrics? target sends the malformed Content-Type "/", using OpenMetricsText0.0.1'],
    ['C4 c', '/', 'PrometheusProto', 'protobuf? target sends the malformed Content-Type "/", using PrometheusProto'],
    ['C5', twice, undefined, `error: target sends the malformed Content-Type "${twice}", ${none}`],
    ['C6', twice, 'OpenMetricsText1.0.0', `openmetrics? target sends the malformed Content-Type "${twice}", using OpenMetricsText1.0.0`],
    ['C7 a', 'application/openmetrics-text', undefined, 'openmetrics'],
    ['C7 b', 'application/openmetrics-text; version=1.0.0', undefined, 'openmetrics'],
    ['C7 c', 'application/openmetrics-text; version=1.0.0; charset=utf-8', undefined, 'openmetrics'],
    ['C7 d', 'application/openmetrics-text; charset=utf-8', undefined, 'openmetrics'],
    ['C8 a', 'text/plain', undefined, 'text'],
    ['C8 b', 'text/plain; version=0.0.4', undefined, 'text'],
    ['C9', 'application/vnd.google.protobuf', undefined, 'protobuf'],
    ['C10 a', 'text/html', undefined, `error: target sends the unsupported Content-Type "text/html", ${none}`],
    ['C10 b', 'text/html', 'PrometheusText0.0.4', 'text? target sends the unsupported Content-Type "text/html", using PrometheusText0.0.4'],
    ['letter case', 'Text/PLAIN;Version="0.0.4";', undefined, 'text'],
    ['no value', 'text/plain; version', undefined, `error: target sends the malformed Content-Type "text/plain; version", ${none}`],
    ['all parameters', 'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited', undefined, 'protobuf'],
  ]; // prettier-ignore
  for (const [name, contentType, fallback, chosen] of cases) assert.equal(choose(contentType, fallback), chosen, name);
});

test('protocols are asked for in their order', () => {
  assert.equal(
    acceptHeader(
      ['OpenMetricsText1.0.0', 'OpenMetricsText0.0.1', 'PrometheusText1.0.0', 'PrometheusText0.0.4'],
      'underscores',
    ),
    'application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=underscores;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
  );
});
