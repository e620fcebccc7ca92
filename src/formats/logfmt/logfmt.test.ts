import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ByteKeys } from '../../base/byte-keys.ts';
import { LogfmtReader } from './logfmt.ts';

const reader = new LogfmtReader();

/** The pairs of a text that lies between other bytes, and the error in the end. */
function read(text: string | Buffer): { pairs: [string, string][]; error: string | undefined } {
  const before = Buffer.from('x="');
  const bytes = Buffer.concat([before, Buffer.from(text), Buffer.from('y="z"\n')]);
  reader.start(bytes, before.length, bytes.length - 6);
  const pairs: [string, string][] = [];
  while (reader.next()) pairs.push([reader.key, reader.value]);
  return { pairs, error: reader.error?.message };
}

test('pairs are read', () => {
  const cases: readonly [text: string, pairs: [string, string][]][] = [
    ['', []],
    [' \t\r\n', []],
    ['a=1', [['a', '1']]],
    ['a=1 b=two  c=3', [['a', '1'], ['b', 'two'], ['c', '3']]],
    ['a', [['a', '']]],
    ['a b=', [['a', ''], ['b', '']]],
    ['a= b', [['a', ''], ['b', '']]],
    ['a="" b="x y"', [['a', ''], ['b', 'x y']]],
    ['a="x"b=y', [['a', 'x'], ['b', 'y']]],
    ['a=1 a=2', [['a', '1'], ['a', '2']]],
    ['a=é é="ü"', [['a', 'é'], ['é', 'ü']]],
    ['a="tab\tin it"', [['a', 'tab\tin it']]],
    ['a=x\x01b', [['a', 'x'], ['b', '']]],
    ['a=1\nb=2\r\n\nc=3\n', [['a', '1'], ['b', '2'], ['c', '3']]],
    ['a\nb', [['a', ''], ['b', '']]],
    ['a=\nb=1', [['a', ''], ['b', '1']]],
  ]; // prettier-ignore
  for (const [text, pairs] of cases) {
    const result = read(text);
    assert.deepEqual(result.pairs, pairs, text);
  }
});

test('quoted values have the escapes of JSON', () => {
  const cases: readonly [text: string, value: string][] = [
    [String.raw`a="say \"hi\""`, 'say "hi"'],
    [String.raw`a="\\\/\b\f\n\r\t"`, '\\/\b\f\n\r\t'],
    [String.raw`a="it\'s \\'"`, "it's \\'"],
    [String.raw`a="\u00e9\ud83d\ude00"`, 'é😀'],
    [String.raw`a="\ud800x"`, '\ufffdx'],
  ];
  for (const [text, value] of cases) assert.deepEqual(read(text), { pairs: [['a', value]], error: undefined }, text);
});

test('a mistake ends the text, and what was before it stays', () => {
  const cases: readonly [text: string, problem: string][] = [
    ['a=1 =2 c=3', 'unexpected equals sign at byte 4'],
    ['a=1 b=2=3 c=3', 'unexpected equals sign at byte 7'],
    ['a=1 b=2"3 c=3', 'unexpected quote at byte 7'],
    ['a=1 b"=2', 'unexpected quote at byte 5'],
    ['a=1 "b"=2', 'unexpected quote at byte 4'],
    ['a=1 b="2 c=3', 'quoted value without an end at byte 7'],
    ['a=1 b="2\nc=3"', 'quoted value without an end at byte 7'],
    ['a=1 b="2\\\nc=3"', 'quoted value without an end at byte 7'],
    ['a=1 b="2\\"', 'quoted value without an end at byte 7'],
    ['a=1 b="2\\', 'quoted value without an end at byte 7'],
    [String.raw`a=1 b="\x"`, 'quoted value with a wrong escape at byte 7'],
    [String.raw`a=1 b="\u12"`, 'quoted value with a wrong escape at byte 7'],
    ['a=1 b="\\n\t"', 'quoted value with a wrong escape at byte 7'],
    ['a=1 \ufffd=2', 'key that is not valid UTF-8 at byte 7'],
    ['a=1\n=2\nc=3', 'unexpected equals sign at byte 4'],
  ];
  for (const [text, problem] of cases) {
    assert.deepEqual(read(text), { pairs: [['a', '1']], error: `${problem} of logfmt text` }, text);
  }
});

test('a pair tells which of some keys it has', () => {
  const text = Buffer.from('level=info msg=x levels=y');
  const keys = new ByteKeys(['msg', 'level']);
  reader.start(text, 0, text.length);
  const found: number[] = [];
  while (reader.next()) found.push(reader.keyAmong(keys));
  assert.deepEqual(found, [1, 0, -1]);
});

test('keys must be UTF-8, values need not', () => {
  assert.deepEqual(read(Buffer.from('a=\xe9', 'latin1')), { pairs: [['a', '\ufffd']], error: undefined });
  assert.deepEqual(read(Buffer.from('\xe9=1', 'latin1')).error, 'key that is not valid UTF-8 at byte 1 of logfmt text');
});

test('a record may have 64 KiB with its newline', () => {
  const longest = `a=${'x'.repeat(65_533)}`;
  assert.equal(read(longest).error, undefined);
  assert.equal(read(`${longest}\nb=1`).pairs.length, 2);
  assert.deepEqual(read(`b=1\n${longest}x\nc=1`), {
    pairs: [['b', '1']],
    error: 'record of more than 64 KiB at byte 4 of logfmt text',
  });
  assert.deepEqual(read(`${longest}x`).pairs, []);
});

test('many short records may be longer together', () => {
  assert.equal(read('key=value\n'.repeat(20_000)).pairs.length, 20_000);
});

test('no text makes the reader throw or stop early', () => {
  const unit = fc.constantFrom(...Array.from('ab=" \\nu1\n\té\0'), '\\u00e9');
  const text = fc.oneof(
    fc.string({ unit, maxLength: 60 }),
    fc.uint8Array({ maxLength: 60 }).map((x) => Buffer.from(x)),
  );
  fc.assert(
    fc.property(text, (input) => {
      const { pairs, error } = read(input);
      const hasMore = /[^\0- ]/.test(Buffer.from(input).toString('latin1'));
      assert.ok(error !== undefined || pairs.length > 0 || !hasMore);
    }),
  );
});

test('pairs survive being written and read', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'é', '.', '\\', "'"), minLength: 1 });
  const value = fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', '=', '\n', 'é', '\0', "'") });
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value)), (pairs) => {
      const text = pairs.map(([name, content]) => `${name}=${JSON.stringify(content)}`).join(' ');
      assert.deepEqual(read(text), { pairs, error: undefined });
    }),
  );
});
