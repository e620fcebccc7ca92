import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatDuration, parseDuration } from './duration.ts';
import { ParseError } from './parse-error.ts';

test('durations are read with the grammar of Go', () => {
  const cases: [text: string, milliseconds: number][] = [
    ['0', 0],
    ['+0', 0],
    ['-0', 0],
    ['0s', 0],
    ['-0s', 0],
    ['1ns', 0.000001],
    ['1us', 0.001],
    ['1µs', 0.001],
    ['1μs', 0.001],
    ['250ms', 250],
    ['15s', 15_000],
    ['+5s', 5000],
    ['-1.5s', -1500],
    ['1.005s', 1005],
    ['.5m', 30_000],
    ['1.h', 3_600_000],
    ['1h30m', 5_400_000],
    ['1h1m1s1ms', 3_661_001],
    ['10s5m', 310_000],
    ['007s', 7000],
    ['0.100000000000000000000h', 360_000],
    [`0.${'3'.repeat(400)}s`, 333.333333],
    ['2562047h47m16.854s', 9_223_372_036_854],
  ];
  for (const [text, milliseconds] of cases) assert.equal(parseDuration(text), milliseconds, text);
});

test('what is no duration is refused in the words of Go', () => {
  const cases: [text: string, message: string][] = [
    ['', 'time: invalid duration ""'],
    ['-', 'time: invalid duration "-"'],
    ['x', 'time: invalid duration "x"'],
    ['s', 'time: invalid duration "s"'],
    ['.s', 'time: invalid duration ".s"'],
    ['--1s', 'time: invalid duration "--1s"'],
    [' 1s', 'time: invalid duration " 1s"'],
    ['15', 'time: missing unit in duration "15"'],
    ['1.2.3s', 'time: missing unit in duration "1.2.3s"'],
    ['1s5', 'time: missing unit in duration "1s5"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['1w2s', 'time: unknown unit "w" in duration "1w2s"'],
    ['1 s', 'time: unknown unit " s" in duration "1 s"'],
    ['1S', 'time: unknown unit "S" in duration "1S"'],
    ['1e3s', 'time: unknown unit "e" in duration "1e3s"'],
    ['1toString', 'time: unknown unit "toString" in duration "1toString"'],
    ['3000000h', 'time: invalid duration "3000000h"'],
    [`${'9'.repeat(400)}s`, `time: invalid duration "${'9'.repeat(400)}s"`],
  ];
  for (const [text, message] of cases) {
    const result = parseDuration(text);
    assert.ok(result instanceof ParseError, text);
    assert.equal(result.message, message);
  }
});

test('durations are written as Go writes them', () => {
  const cases: [milliseconds: number, text: string][] = [
    [0, '0s'],
    [0.000001, '1ns'],
    [0.0011, '1.1µs'],
    [2.2, '2.2ms'],
    [250, '250ms'],
    [999.999999, '999.999999ms'],
    [1000, '1s'],
    [1500, '1.5s'],
    [59_999, '59.999s'],
    [60_000, '1m0s'],
    [90_500, '1m30.5s'],
    [3_600_000, '1h0m0s'],
    [86_400_000, '24h0m0s'],
    [3_661_001, '1h1m1.001s'],
    [-1500, '-1.5s'],
  ];
  for (const [milliseconds, text] of cases) assert.equal(formatDuration(milliseconds), text);
});

test('a duration that was written reads back the same', () => {
  const nanos = fc.integer({ min: -(2 ** 50), max: 2 ** 50 });
  fc.assert(fc.property(nanos, (count) => assert.equal(parseDuration(formatDuration(count / 1e6)), count / 1e6 || 0)));
});

test('reading never throws', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseDuration(text)));
});
