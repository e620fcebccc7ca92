import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../../../base/parse-error.ts';
import { acceptHeader, chooseFormat, protobufFirst, usualProtocols, type ScrapeProtocol } from './negotiation.ts';

test('what is wanted most is asked for first', () => {
  assert.equal(
    acceptHeader(usualProtocols, 'underscores'),
    'application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=underscores;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
  );
  assert.match(
    acceptHeader(protobufFirst, 'allow-utf-8'),
    /^application\/vnd\.google\.protobuf;proto=io\.prometheus\.client\.MetricFamily;encoding=delimited;q=0\.6,.*escaping=allow-utf-8;q=0\.5,.*\*\/\*;q=0\.1$/,
  );
});

test('the format is that of the Content-Type, or what is configured for targets that do not say', () => {
  const none = undefined;
  const cases: readonly [name: string, type: string | undefined, fallback: ScrapeProtocol | undefined, want: string][] =
    [
      ['C1', none, none, 'refused'],
      ['C1', '', none, 'refused'],
      ['C2', '', 'PrometheusText0.0.4', 'text, guessed'],
      ['C3', 'invalid/', none, 'refused'],
      ['C3', '/', none, 'refused'],
      ['C3', 'invalid/invalid/invalid', none, 'refused'],
      ['C4', 'invalid/invalid/invalid', 'OpenMetricsText1.0.0', 'openmetrics, guessed'],
      ['C4', '/', 'PrometheusProto', 'protobuf, guessed'],
      ['C5', 'application/openmetrics-text; charset=UTF-8; charset=utf-8', none, 'refused'],
      ['C6', 'application/openmetrics-text; charset=UTF-8; charset=utf-8', 'OpenMetricsText1.0.0', 'openmetrics, guessed'],
      ['C7', 'application/openmetrics-text', none, 'openmetrics'],
      ['C7', 'application/openmetrics-text; version=1.0.0; charset=utf-8', none, 'openmetrics'],
      ['C7', 'Application/OpenMetrics-Text;version="1.0.0";', none, 'openmetrics'],
      ['C8', 'text/plain', none, 'text'],
      ['C8', 'text/plain; version=0.0.4', 'PrometheusProto', 'text'],
      ['C9', 'application/vnd.google.protobuf', none, 'protobuf'],
      ['C10', 'text/html', none, 'refused'],
      ['C10', 'text/html', 'PrometheusText0.0.4', 'text, guessed'],
      ['much', `text/plain; ${'a'.repeat(5000)}=b`, none, 'refused'],
    ]; // prettier-ignore
  for (const [name, type, fallback, want] of cases) {
    const chosen = chooseFormat(type, fallback);
    const got =
      chosen instanceof ParseError ? 'refused' : chosen.format + (chosen.problem === undefined ? '' : ', guessed');
    assert.equal(got, want, `${name}: ${type}`);
  }
});
