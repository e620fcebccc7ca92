import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { compileGoRegexp } from '../../base/go-regexp/go-regexp.ts';
import { ParseError } from '../../base/parse-error.ts';
import { withoutEscapes } from './ansi-escapes.ts';

/** What Alloy removes. */
const reference = compileGoRegexp(
  String.raw`[\x1b\x9b][[\]()#;?]*(?:(?:(?:[a-zA-Z\d]*(?:;[a-zA-Z\d]*)*)?\x07)|(?:(?:\d{1,4}(?:;\d{0,4})*)?[\dA-PRZcf-ntqry=><~]))`,
);

/** The bytes without escape sequences, where they lie between others. */
function plain(line: Buffer): Buffer {
  const before = Buffer.from('\x1b[');
  const bytes = Buffer.concat([before, line, Buffer.from('1m\x07')]);
  const copy = Buffer.from(bytes);
  const result = withoutEscapes(bytes, before.length, before.length + line.length) ?? line;
  assert.deepEqual(bytes, copy);
  return result;
}

test('escape sequences are left out', () => {
  const cases: readonly [line: string, want: string][] = [
    ['', ''],
    ['plain', 'plain'],
    ['\x1b[31mred\x1b[0m and \x1b[1;32;4mgreen\x1b[m', 'red and green'],
    ['\x1b[38;5;196mx\x1b[48;2;10;20;30my', 'xy'],
    ['\x9b31mred\x9b0m', 'red'],
    ['a\x1b[2Kb\x1b[10;20Hc\x1b[?25ld', 'abcd'],
    ['\x1b]0;title\x07x', 'x'],
    ['\x1b(Bx', 'x'],
    ['\x1bcx', 'x'],
    ['\x1b[31', ''],
    ['\x1b[31Q', 'Q'],
    ['\x1b[12345m', 'm'],
    ['\x1b[31;Q', ';Q'],
    ['\x1b[\x1b[31mx', '\x1b[x'],
    ['\x1b', '\x1b'],
    ['é\x9bQü\x1b[1mß', 'é\x9bQüß'],
    ['\u00c2\u009b1mx', '\u00c2x'],
  ];
  for (const [line, want] of cases) assert.equal(plain(Buffer.from(line)).toString(), want, JSON.stringify(line));
});

test('bytes that are no UTF-8 stay', () => {
  const line = Buffer.from([0xff, 0x1b, 0x5b, 0x31, 0x6d, 0x9b, 0xc2, 0x31]);
  assert.deepEqual(plain(line), Buffer.from([0xff, 0x9b, 0xc2, 0x31]));
});

test('any text becomes what the regular expression makes of it', () => {
  assert.ok(!(reference instanceof ParseError));
  const part = fc.oneof(
    fc.constantFrom('\x1b', '\x1b[', '\x9b', '\x07', ';', ';;', '?', '0', '31', '12345', 'm', 'Q', 'x', ' ', 'é', '😀'),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      const line = parts.join('');
      assert.equal(
        plain(Buffer.from(line)).toString(),
        reference.replaceAll(line, () => ''),
      );
    }),
    { numRuns: 500 },
  );
});

test('any bytes are read, and none but those of escape sequences go', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const line = Buffer.from(bytes);
      const isEscape = (byte: number, index: number): boolean =>
        byte === 0x1b || (byte === 0xc2 && line[index + 1] === 0x9b);
      const result = plain(line);
      if (!line.some(isEscape)) assert.deepEqual(result, line);
      assert.ok(result.length <= line.length);
    }),
  );
});

test('a long line of nothing but beginnings of sequences is read', () => {
  for (const unit of ['\x1b', '\x1b[;', ';', '\x1b1;']) {
    const line = Buffer.from(`\x1b${unit.repeat(300_000)}`);
    assert.ok(plain(line).length <= line.length);
  }
});
