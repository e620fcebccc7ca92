import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { maxNesting } from '../../base/data-limits.ts';
import { compileJsonScan, jsonKind } from './json-scan.ts';

type Value = string | number | boolean | null | undefined;

const keys = ['a', 'level', 'msg', 'é"', ''];
const scan = compileJsonScan(keys);

let objects = 0;

/**
 * What `JSON.parse` finds at the keys; undefined if the text is not an object. It takes a key with an escape for a key with
 * a backslash that came at the same place before, so that each object gets a first key of its own, and no key a backslash.
 */
function parsed(bytes: Buffer): Value[] | undefined {
  let data: unknown;
  try {
    data = JSON.parse(bytes.toString().replace(/^(\s*\{)(?!\s*\})/, `$1"first ${objects++}":0,`));
  } catch {
    return undefined;
  }
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return undefined;
  const members = new Map<string, unknown>(Object.entries(data));
  return keys.map((key) => {
    const value = members.get(key);
    if (typeof value === 'string') return value.toWellFormed();
    if (typeof value !== 'object' || value === null) return value as Value;
    return JSON.stringify(value)
      .replaceAll('<', '\\u003c')
      .replaceAll('>', '\\u003e')
      .replaceAll('&', '\\u0026')
      .replaceAll('\u2028', '\\u2028')
      .replaceAll('\u2029', '\\u2029');
  });
}

/** The same by the scan, where the document lies between other bytes and where it is all there is. */
function scanned(document: Buffer): Value[] | undefined {
  const around = Buffer.from('{"a":"\\');
  const bytes = Buffer.concat([around, document, Buffer.from('}"]9 ')]);
  const isObject = scan.scan(bytes, around.length, around.length + document.length);
  const values = keys.map((_key, index) => scan.value(index));
  assert.equal(scan.scan(Buffer.from(document), 0, document.length), isObject);
  assert.deepEqual(
    keys.map((_key, index) => scan.value(index)),
    values,
  );
  return isObject ? values : undefined;
}

function assertAgrees(document: Buffer | string): void {
  const bytes = Buffer.from(document);
  assert.deepEqual(scanned(bytes), parsed(bytes), bytes.toString());
}

test('the values of the wanted keys are found', () => {
  const document = ' { "level" : "warn", "x": [1, {"a": "no"}], "msg":"say \\"hi\\"", "a": -1.5e3 } \r\n';
  const bytes = Buffer.from(document);
  assert.equal(scan.scan(bytes, 0, bytes.length), true);
  assert.deepEqual(
    keys.map((_key, index) => scan.value(index)),
    [-1500, 'warn', 'say "hi"', undefined, undefined],
  );
  assert.deepEqual(
    [...scan.kinds],
    [jsonKind.number, jsonKind.string, jsonKind.escapedString, jsonKind.missing, jsonKind.missing],
  );
  assert.equal(bytes.toString('utf8', scan.starts[1], scan.ends[1]), '"warn"');
});

test('every kind of value is read', () => {
  const cases: readonly [json: string, kind: keyof typeof jsonKind, value: Value][] = [
    ['null', 'null', null],
    ['true', 'true', true],
    ['false', 'false', false],
    ['0', 'number', 0],
    ['-12.25', 'number', -12.25],
    ['1e400', 'number', Infinity],
    ['""', 'string', ''],
    ['"é\u007f"', 'string', 'é\u007f'],
    [String.raw`"\u00e9\ud83d\ude00\/\b"`, 'escapedString', 'é😀/\b'],
    [String.raw`"\ud800"`, 'escapedString', '\ufffd'],
    ['{ "b" : [ 1.0, "<&>" ] }', 'object', String.raw`{"b":[1,"\u003c\u0026\u003e"]}`],
    ['[ ]', 'array', '[]'],
  ];
  for (const [json, kind, value] of cases) {
    const bytes = Buffer.from(`{"a":${json}}`);
    assert.equal(scan.scan(bytes, 0, bytes.length), true, json);
    assert.equal(scan.kinds[0], jsonKind[kind], json);
    assert.equal(scan.value(0), value, json);
  }
});

test('keys are compared after their escapes, and of equal keys the last wins', () => {
  const bytes = Buffer.from(String.raw`{"a":1,"\u0061":2,"\u00e9\"":3,"":4,"__proto__":5}`);
  assert.equal(scan.scan(bytes, 0, bytes.length), true);
  assert.deepEqual([scan.value(0), scan.value(3), scan.value(4)], [2, 3, 4]);
});

test('after a document that is not an object everything is missing', () => {
  const bytes = Buffer.from('{"a":1}{"a":1,}');
  assert.equal(scan.scan(bytes, 0, 7), true);
  assert.equal(scan.value(0), 1);
  assert.equal(scan.scan(bytes, 7, bytes.length), false);
  assert.equal(scan.value(0), undefined);
});

test('only what JSON.parse accepts is accepted', () => {
  const documents = [
    '', ' ', '{', '}', '{}', ' {}\t', '{}}', '{} {}', '{}x', '[]', '[{}]', 'null', '"a"', '1', '{,}', '{"a"}', '{"a":}',
    '{"a":1,}', '{"a":1 "b":2}', "{'a':1}", '{a:1}', '{"a":1}}', '{"a":{}', '{"a":{"b":{}', '{"a":[{}',
    '{"a":[}', '{"a":[1,]}', '{"a":[,1]}',
    '{"a":[1 2]}', '{"a":{"b":1]}', '{"a":[1}}', '{"a":{"b"}}', '{"a":{"b":}}', '{"a":{1:2}}', '{"a":[[],{}]}',
    '{"a":01}', '{"a":-}', '{"a":-0}', '{"a":+1}', '{"a":.5}', '{"a":5.}', '{"a":1.e1}', '{"a":1e}', '{"a":1e+}',
    '{"a":1E-05}', '{"a":1e5.5}', '{"a":0x1}', '{"a":1_0}', '{"a":--1}', '{"a":NaN}', '{"a":Infinity}', '{"a":-Infinity}',
    '{"a":nul}', '{"a":nulll}', '{"a":True}', '{"a":truefalse}', '{"a":fals}', '{"a":t}', '{"a":undefined}',
    '{"a":"\n"}', '{"a":"\t"}', '{"a":"\0"}', '{"a":"\x1f"}', '{"a":"\x7f"}', '{"a":"\u2028"}', '{"a\n":1}',
    '{"a":"\\x"}', '{"a":"\\u12"}', '{"a":"\\u12g4"}', '{"a":"\\u00E9"}', '{"a":"\\U0001"}', '{"a":"\\"}', '{"a":"\\',
    '{"a":"\\u', '{"a":"\\u}', '{"\\ud800":1,"a":"\\udc00\\ud800"}', '{"a":"}', '{"}', '{"a', '{"a":"b}',
    '\ufeff{}', '\u00a0{}', '{}\u00a0', '{\u00a0}', '\u2003{}', '{}\f', '\v{}', '{}\0', '\0{}', '{/**/}', '{"a":1}//',
  ]; // prettier-ignore
  for (const document of documents) assertAgrees(document);
});

test('bytes that are not UTF-8 may stand in strings only', () => {
  for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xa2], [0xf8, 0x88, 0x80, 0x80, 0x80]]) {
    const broken = Buffer.from(bytes);
    assertAgrees(Buffer.concat([Buffer.from('{"a":"'), broken, Buffer.from('","level":1}')]));
    assertAgrees(Buffer.concat([Buffer.from('{"'), broken, Buffer.from('":1}')]));
    assertAgrees(Buffer.concat([Buffer.from('{"a":'), broken, Buffer.from('}')]));
    assertAgrees(Buffer.concat([Buffer.from('{"a":1'), broken, Buffer.from('}')]));
    assertAgrees(Buffer.concat([broken, Buffer.from('{}')]));
  }
});

test('a document may be as deep as the limit, and no deeper', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const nested = (depth: number) => `{"msg":${open.repeat(depth)}0${close.repeat(depth)}}`;
    assertAgrees(nested(maxNesting - 1));
    const deeper = Buffer.from(nested(maxNesting));
    assert.equal(scan.scan(deeper, 0, deeper.length), false);
    const bomb = Buffer.from(`{"msg":${open.repeat(1_000_000)}}`);
    assert.equal(scan.scan(bomb, 0, bomb.length), false);
  }
});

const stringUnit = fc.constantFrom('a', 'é', '😀', '"', '\\', '/', '\n', '\0', '<', '\u2028', '\ud800', '}', ' ', 'x');
const keyUnit = stringUnit.filter((unit) => unit !== '\\');
const key = fc.oneof(fc.constantFrom(...keys, '__proto__'), fc.string({ unit: keyUnit, maxLength: 6 }));
const document = fc
  .record({
    data: fc.dictionary(key, fc.jsonValue({ maxDepth: 3, stringUnit }), { maxKeys: 8 }),
    indent: fc.constantFrom('', ' ', '\t', '\r\n '),
    before: fc.constantFrom('', ' ', '\n\t'),
  })
  .map(({ data, indent, before }) => Buffer.from(`${before}${JSON.stringify(data, undefined, indent)}${before}`));

test('valid documents give the values that JSON.parse gives', () => {
  fc.assert(fc.property(document, assertAgrees), { numRuns: 500 });
});

test('damaged documents are judged as JSON.parse does', () => {
  const damage = fc.constantFrom(
    ...Array.from('{}[]",:\\u0129afeE+-.tn /\0\x1f\x7f\n'),
    'é',
    '\u00a0',
    '\ufeff',
    'true,',
  );
  const edit = fc.tuple(fc.nat(), fc.nat({ max: 2 }), fc.oneof(damage, fc.constant('')));
  fc.assert(
    fc.property(document, fc.array(edit, { minLength: 1, maxLength: 3 }), (bytes, edits) => {
      let damaged = bytes;
      for (const [place, removed, added] of edits) {
        const at = place % (damaged.length + 1);
        damaged = Buffer.concat([damaged.subarray(0, at), Buffer.from(added), damaged.subarray(at + removed)]);
      }
      assertAgrees(damaged);
    }),
    { numRuns: 2000 },
  );
});

test('tokens in any order are judged as JSON.parse does', () => {
  const tokens = '{ } [ ] , : "a" " \\ 1 - . e 0 null true false \\u0061 "level": "a":{ "a":[ }, ],'.split(' ');
  const token = fc.constantFrom(' ', ...tokens);
  const soup = fc.array(token, { maxLength: 12 }).map((parts) => `{${parts.join('')}}`);
  fc.assert(fc.property(soup, assertAgrees), { numRuns: 3000 });
});

test('random bytes are judged as JSON.parse does', () => {
  const bytes = fc.uint8Array({ maxLength: 30 }).map((array) => Buffer.from(array));
  const inBraces = bytes.map((inner) => Buffer.concat([Buffer.from('{"a":"'), inner, Buffer.from('"}')]));
  fc.assert(fc.property(fc.oneof(bytes, inBraces), assertAgrees), { numRuns: 1000 });
});
