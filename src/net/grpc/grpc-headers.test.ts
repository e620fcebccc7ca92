import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { longestTimeout } from '../../base/duration.ts';
import { decodeGrpcMessage, encodeGrpcMessage, formatGrpcTimeout, parseGrpcTimeout } from './grpc-headers.ts';

test('messages are printable ASCII on the way, and come back', () => {
  const cases: readonly [text: string, header: string][] = [
    ['', ''],
    ['plain ~ text!', 'plain ~ text!'],
    ['100%', '100%25'],
    ['two\nlines', 'two%0Alines'],
    ['größer', 'gr%C3%B6%C3%9Fer'],
  ];
  for (const [text, header] of cases) assert.equal(encodeGrpcMessage(text), header);
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const header = encodeGrpcMessage(text);
      assert.match(header, /^[ -~]*$/);
      assert.equal(decodeGrpcMessage(header), text.toWellFormed());
    }),
  );
});

test('percent signs that encode nothing stand for themselves', () => {
  assert.equal(decodeGrpcMessage('100% of %zz and %4'), '100% of %zz and %4');
});

test('timeouts have units', () => {
  const cases: readonly [header: string | undefined, timeout: number | undefined][] = [
    ['1H', 3_600_000],
    ['2M', 120_000],
    ['3S', 3000],
    ['4m', 4],
    ['5000u', 5],
    ['6000000n', 6],
    ['99999999H', longestTimeout],
    ['0m', 0],
    [undefined, undefined],
    ['', undefined],
    ['5', undefined],
    ['-5S', undefined],
    ['123456789m', undefined],
    ['5 S', undefined],
  ];
  for (const [header, timeout] of cases) assert.equal(parseGrpcTimeout(header), timeout, header);
});

test('timeouts are written in no more than eight digits', () => {
  const cases: readonly [timeout: number, header: string][] = [
    [5000, '5000m'],
    [0.2, '1m'],
    [-3, '1m'],
    [99_999_999, '99999999m'],
    [100_000_000, '100000S'],
    [1e15, '99999999S'],
  ];
  for (const [timeout, header] of cases) assert.equal(formatGrpcTimeout(timeout), header);
});
