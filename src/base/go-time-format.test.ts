import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatGoTime } from './go-time-format.ts';
import { compileTimeLayout } from './go-time.ts';
import { ParseError } from './parse-error.ts';
import { findTimeZone, utc, type TimeZone } from './time-zone.ts';

function zoneOf(name: string): TimeZone {
  const zone = findTimeZone(name);
  if (zone instanceof ParseError) throw new Error(zone.message);
  return zone;
}

test('every element of a layout is written', () => {
  const instant = { seconds: 1_700_000_000, nanos: 120_000_000 };
  const cases: readonly [layout: string, zone: string, text: string][] = [
    ['2006-01-02 15:04:05', 'UTC', '2023-11-14 22:13:20'],
    ['06 1 2 3 4 5 PM pm', 'UTC', '23 11 14 10 13 20 PM pm'],
    ['Monday Mon January Jan', 'UTC', 'Tuesday Tue November Nov'],
    ['_2|__2|002|03', 'UTC', '14|318|318|10'],
    ['05.000 05,0 05.999999 05.99', 'UTC', '20.120 20,1 20.12 20.12'],
    ['-07 -0700 -07:00 -07:00:00', 'America/New_York', '-05 -0500 -05:00 -05:00:00'],
    ['Z07 Z0700 Z07:00', 'UTC', 'Z Z Z'],
    ['Z07:00', 'Asia/Kolkata', '+05:30'],
    ['MST', 'UTC', 'UTC'],
    ['MST', 'Europe/Berlin', 'CET'],
    ['MST', 'America/New_York', 'EST'],
    ['at _2006', 'UTC', 'at _2023'],
    ['', 'UTC', ''],
  ];
  for (const [layout, zone, text] of cases) assert.equal(formatGoTime(instant, layout, zoneOf(zone)), text, layout);
});

test('midnight is twelve on a clock of twelve hours, and a fraction of nothing can be left out', () => {
  assert.equal(formatGoTime({ seconds: 0, nanos: 0 }, '3:04PM 03 .999 .000', utc), '12:00AM 12  .000');
  assert.equal(
    formatGoTime({ seconds: -1, nanos: 999_999_999 }, '2006-01-02T15:04:05.999999999', utc),
    '1969-12-31T23:59:59.999999999',
  );
});

test('what is written can be read again', () => {
  const layout = '2006-01-02T15:04:05.999999999Z07:00';
  const parse = compileTimeLayout(layout, utc);
  const instant = fc.record({
    seconds: fc.integer({ min: -62_135_596_800, max: 253_402_000_000 }),
    nanos: fc.integer({ min: 0, max: 999_999_999 }),
  });
  fc.assert(
    fc.property(instant, fc.constantFrom('UTC', 'Asia/Kolkata', 'America/New_York'), (given, zone) => {
      // Offsets of times long past have seconds, which the layout does not.
      const at = given.seconds < 0 ? utc : zoneOf(zone);
      const out = { seconds: 0, nanos: 0 };
      assert.ok(parse(formatGoTime(given, layout, at), out, 0));
      assert.deepEqual(out, { ...given });
    }),
  );
});
