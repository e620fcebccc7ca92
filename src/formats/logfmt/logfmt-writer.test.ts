import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ByteBuilder } from '../../base/byte-builder.ts';
import { LogfmtReader } from './logfmt.ts';
import { appendBytes, appendKey, appendNull, appendText } from './logfmt-writer.ts';

function written(write: (out: ByteBuilder, bytes: Buffer) => void, text: string | Buffer): string {
  const out = new ByteBuilder();
  write(out, Buffer.from(text));
  return out.copy().toString();
}

const keys: readonly (readonly [key: string | Buffer, written: string])[] = [
  ['key', 'key='],
  ['k e\ty', 'key='],
  ['a="b"', 'ab='],
  ['über.fluß\u007f', 'über.fluß\u007f='],
  ['a\ufffdb', 'ab='],
  [Buffer.from([0x61, 0xff, 0x62]), 'ab='],
  ['', ''],
  ['= "', ''],
];

for (const [key, expected] of keys) {
  test(`the key ${JSON.stringify(String(key))} is written as ${JSON.stringify(expected)}`, () => {
    assert.equal(
      written((out, bytes) => {
        assert.equal(appendKey(out, 0, bytes, 0, bytes.length), expected !== '');
      }, key),
      expected,
    );
  });
}

const values: readonly (readonly [value: string | Buffer, written: string])[] = [
  ['', ''],
  ['plain', 'plain'],
  ['grüße😀', 'grüße😀'],
  ['a b', '"a b"'],
  ['a=b', '"a=b"'],
  ['a"b', String.raw`"a\"b"`],
  ['a\\b', 'a\\b'],
  ['a\\ b', String.raw`"a\\ b"`],
  ['\n\r\t\b', String.raw`"\n\r\t\u0008"`],
  ['\u007f', '"\u007f"'],
  ['\u2028', '\u2028'],
  ['\ufffd', '"\ufffd"'],
  [Buffer.from([0x61, 0xff]), String.raw`"a\ufffd"`],
  ['null', '"null"'],
];

for (const [value, expected] of values) {
  test(`the value ${JSON.stringify(String(value))} is written as ${expected}`, () => {
    assert.equal(
      written((out, bytes) => appendText(out, bytes, 0, bytes.length), value),
      expected,
    );
  });
}

test('null is the text of nothing, and of bytes that say so', () => {
  assert.equal(
    written((out) => appendNull(out), ''),
    'null',
  );
  assert.equal(
    written((out, bytes) => appendBytes(out, bytes, 0, bytes.length), 'null'),
    'null',
  );
});

test('pairs come out again as they were', () => {
  const key = fc.string({ unit: 'binary', maxLength: 8 }).map((text) => `k${text.replaceAll(/[\0- ="\ufffd]/g, '')}`);
  const value = fc.string({ unit: 'binary', maxLength: 12 });
  const property = fc.property(fc.array(fc.tuple(key, value), { maxLength: 6 }), (given) => {
    const pairs = given.map(([name, text]) => [name.toWellFormed().replaceAll('\ufffd', ''), text.toWellFormed()]);
    const out = new ByteBuilder();
    out.appendText('before');
    for (const [name = '', text = ''] of pairs) {
      const nameBytes = Buffer.from(name);
      const bytes = Buffer.from(text);
      assert.ok(appendKey(out, 6, nameBytes, 0, nameBytes.length));
      appendText(out, bytes, 0, bytes.length);
    }
    const reader = new LogfmtReader();
    reader.start(out.copy(), 6, out.size);
    const read: [string, string][] = [];
    while (reader.next()) read.push([reader.key, reader.value]);
    assert.deepEqual(read, pairs);
    assert.equal(reader.error, undefined);
  });
  fc.assert(property, { numRuns: 500 });
});
