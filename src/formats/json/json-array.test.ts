import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { JsonElements } from './json-array.ts';

const elements = new JsonElements();

/** The elements of an array that lies between other bytes; undefined if it is none. */
function read(text: string | Buffer): string[] | undefined {
  const before = Buffer.from('[[{"');
  const line = Buffer.from(text);
  const bytes = Buffer.concat([before, line, Buffer.from('1]]"}')]);
  if (!elements.open(bytes, before.length, before.length + line.length)) return undefined;
  const found: string[] = [];
  while (elements.next()) found.push(bytes.toString('latin1', elements.start, elements.end));
  assert.equal(elements.next(), false);
  return found;
}

test('elements are found as they are written', () => {
  const cases: readonly [text: string, want: string[]][] = [
    ['[]', []],
    [' \t\r\n[ \n] ', []],
    ['[1]', ['1']],
    ['[{"a":1},{"b":2}]', ['{"a":1}', '{"b":2}']],
    ['[1,"a",{"b":2},null,true,[2]]', ['1', '"a"', '{"b":2}', 'null', 'true', '[2]']],
    ['[9007199254740993]', ['9007199254740993']],
    ['[1.2300e+02]', ['1.2300e+02']],
    ['\t[ -0 , false ,\n"\\u00e9 ]\\"," ]\r\n', ['-0', 'false', '"\\u00e9 ]\\","']],
    ['[ { "a" : [ 1 , 2 ] } , [ ] , { } ]', ['{ "a" : [ 1 , 2 ] }', '[ ]', '{ }']],
  ];
  for (const [text, want] of cases) assert.deepEqual(read(text), want, text);
});

test('anything but one array is none', () => {
  const cases = [
    '', ' ', '[', ']', '[1', '1]', '{}', '{"a":[1]}', '"[1]"', '1', 'null', '[1] trailing', '[1] [2]', '[1][2]', '[1]]',
    '[[1]', '[1,]', '[,1]', '[,]', '[1 2]', '[-01]', '[01]', '[1.]', '[.5]', '[+1]', '[1e]', '[tru]', '[nul', '["a]', '["\\]',
    '["\\u12]', '["\\x"]', '["\n"]', '[\'a\']', '[{]', '[{"a"}]', '[{"a":}]', '[{a:1}]', '[NaN]', '\u00a0[1]', '[1]\u00a0',
    '\ufeff[1]', '[\v1]', '// x\n[1]',
  ]; // prettier-ignore
  for (const text of cases) assert.equal(read(text), undefined, JSON.stringify(text));
});

test('arrays that are nested too deeply are none', () => {
  for (const depth of [600, 100_000]) assert.equal(read('['.repeat(depth) + ']'.repeat(depth)), undefined);
  assert.equal(read('['.repeat(400) + ']'.repeat(400))?.length, 1);
});

test('broken UTF-8 in strings stays as it is', () => {
  assert.deepEqual(read(Buffer.from([0x5b, 0x22, 0xff, 0xc3, 0x22, 0x5d])), ['"\xff\xc3"']);
});

/** JSON.parse of V8 13.6 may take such a key for that of an earlier object, if they differ in what is escaped only. */
const escapedKey = /"[^"\\]*\\.(?:[^"\\]|\\.)*"\s*:/;

test('any text is an array exactly if JSON.parse finds one', () => {
  const json = fc.json({ maxDepth: 3 }).map((text) => `[${text}, ${text}]`);
  const damaged = fc
    .tuple(json, fc.nat(), fc.constantFrom('', ',', '[', ']', '"', '\\', '-', '0', ' ', '{', 'x'))
    .map(([text, at, put]) => text.slice(0, at % text.length) + put + text.slice((at % text.length) + 1));
  const tokens = fc
    .array(fc.constantFrom('[', ']', ',', '1', '"a"', '"', '{', '}', ':', ' ', 'null', '-', '\\'), { maxLength: 10 })
    .map((parts) => `[${parts.join('')}]`);
  fc.assert(
    fc.property(fc.oneof(json, damaged, tokens), (text) => {
      fc.pre(!escapedKey.test(text));
      assert.deepEqual(
        read(text)?.map((element) => JSON.parse(Buffer.from(element, 'latin1').toString())),
        parsedArray(text),
      );
    }),
    { numRuns: 2000 },
  );
});

test('any bytes are read', () => {
  const byte = fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('[],"{}:\\0-tn ')));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 40 }), (bytes) => {
      read(Buffer.from([0x5b, ...bytes, 0x5d]));
    }),
  );
});

function parsedArray(text: string): unknown[] | undefined {
  try {
    const data: unknown = JSON.parse(text);
    return Array.isArray(data) ? data : undefined;
  } catch (error) {
    assert.ok(error instanceof SyntaxError);
    return undefined;
  }
}
