import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Instant } from './instant.ts';
import { formatRfc3339Nano, parseRfc3339 } from './rfc3339.ts';

/** The result in UTC, read from the middle of a larger buffer. */
function read(text: string): string | undefined {
  const bytes = Buffer.from(`9${text}9`, 'latin1');
  const instant: Instant = { seconds: 0, nanos: 0 };
  const isTime = parseRfc3339(bytes, 1, bytes.length - 1, instant);
  return isTime ? formatRfc3339Nano(instant.seconds, instant.nanos) : undefined;
}

test('timestamps are read as Go reads RFC 3339', () => {
  const cases: [text: string, result: string][] = [
    ['2024-05-01T12:34:56Z', '2024-05-01T12:34:56Z'],
    ['2024-05-01T12:34:56.5Z', '2024-05-01T12:34:56.5Z'],
    ['2024-05-01T12:34:56.123456789Z', '2024-05-01T12:34:56.123456789Z'],
    ['2024-05-01T12:34:56.1234567899999Z', '2024-05-01T12:34:56.123456789Z'],
    ['2024-05-01T12:34:56.000000001Z', '2024-05-01T12:34:56.000000001Z'],
    ['2024-05-01T12:34:56.000Z', '2024-05-01T12:34:56Z'],
    ['2024-05-01T12:34:56+02:00', '2024-05-01T10:34:56Z'],
    ['2024-05-01T12:34:56.7-07:30', '2024-05-01T20:04:56.7Z'],
    ['2024-01-01T00:30:00+01:00', '2023-12-31T23:30:00Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00Z'],
    ['1969-12-31T23:59:59.25Z', '1969-12-31T23:59:59.25Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59.999999999Z', '9999-12-31T23:59:59.999999999Z'],
    // Go is not strict with these.
    ['2024-05-01T5:34:56Z', '2024-05-01T05:34:56Z'],
    ['2024-05-01T12:34:56,5Z', '2024-05-01T12:34:56.5Z'],
    ['2024-05-01T12:34:56+24:00', '2024-04-30T12:34:56Z'],
    ['2024-05-01T12:34:56+00:60', '2024-05-01T11:34:56Z'],
  ];
  for (const [text, result] of cases) assert.equal(read(text), result, text);
});

test('other texts are no timestamps', () => {
  const texts = [
    '',
    'stdout',
    '2024-05-01',
    '2024-05-01T12:34:56',
    '2024-05-01 12:34:56Z',
    '2024-05-01t12:34:56Z',
    '2024-05-01T12:34:56z',
    '2024-05-01T12:34Z',
    '2024-5-01T12:34:56Z',
    '24-05-01T12:34:56Z',
    '2024-00-01T12:34:56Z',
    '2024-13-01T12:34:56Z',
    '2024-05-00T12:34:56Z',
    '2024-05-32T12:34:56Z',
    '2024-04-31T12:34:56Z',
    '2023-02-29T12:34:56Z',
    '1900-02-29T12:34:56Z',
    '2024-05-01T24:00:00Z',
    '2024-05-01T12:60:00Z',
    '2024-05-01T12:34:60Z',
    '2024-05-01T12:34:56.Z',
    '2024-05-01T12:34:56.1x',
    '2024-05-01T12:34:56+0200',
    '2024-05-01T12:34:56+02',
    '2024-05-01T12:34:56+25:00',
    '2024-05-01T12:34:56+02:61',
    '2024-05-01T12:34:56Z ',
    ' 2024-05-01T12:34:56Z',
    '2024-05-01T12:34:56ZZ',
    '+024-05-01T12:34:56Z',
    '2024-05-01T12:34:5\u00b2Z',
  ];
  for (const text of texts) assert.equal(read(text), undefined, text);
});

test('a text that is no timestamp leaves the result alone', () => {
  const instant: Instant = { seconds: 7, nanos: 8 };
  for (const text of ['2024-05-01T12:34:56+02:99', '2024-05-32T1:34:56Z', 'x']) {
    parseRfc3339(Buffer.from(text), 0, text.length, instant);
  }
  assert.deepEqual(instant, { seconds: 7, nanos: 8 });
});

test('a time that was written reads back the same', () => {
  const seconds = fc.integer({ min: -62_167_219_200, max: 253_402_300_799 });
  const nanos = fc.oneof(
    fc.nat(999_999_999),
    fc.nat(999).map((millis) => millis * 1e6),
  );
  const property = fc.property(seconds, nanos, (wantedSeconds, wantedNanos) => {
    const text = formatRfc3339Nano(wantedSeconds, wantedNanos);
    const instant: Instant = { seconds: 0, nanos: 0 };
    assert.ok(parseRfc3339(Buffer.from(text), 0, text.length, instant), text);
    assert.deepEqual(instant, { seconds: wantedSeconds, nanos: wantedNanos });
  });
  fc.assert(property);
});
