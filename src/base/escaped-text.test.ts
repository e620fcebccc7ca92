import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ByteBuilder } from './byte-builder.ts';
import { appendEscaped, escapesFor } from './escaped-text.ts';
import { sequenceLength } from './utf8-sequence.ts';

const json = escapesFor({ '"': String.raw`\"`, '\\': String.raw`\\`, '\n': String.raw`\n` }, '<>');

function escaped(bytes: Buffer, escapes = json): string {
  const out = new ByteBuilder();
  appendEscaped(out, bytes, 0, bytes.length, escapes);
  assert.ok(isUtf8(out.copy()));
  return out.copy().toString();
}

test('characters that have an escape get it, and all others stay', () => {
  assert.equal(escaped(Buffer.from('a"\\\n\u0001<é€😀>\u2028')), String.raw`a\"\\\n\u0001\u003cé€😀\u003e` + '\u2028');
});

test('line separators are escaped where that is wanted', () => {
  const escapes = escapesFor({}, '', [Buffer.from('[ls]'), Buffer.from('[ps]')]);
  assert.equal(escaped(Buffer.from('\u2027\u2028\u2029\u202a'), escapes), '\u2027[ls][ps]\u202a');
});

test('each byte that is not valid UTF-8 becomes an escaped U+FFFD', () => {
  const bytes = Buffer.concat([Buffer.from('a'), Buffer.from([0xff, 0xe2, 0x82]), Buffer.from('b\u{10ffff}')]);
  assert.equal(escaped(bytes), String.raw`a\ufffd\ufffd\ufffdb` + '\u{10ffff}');
});

test('a character is escaped wherever it stands in long text, and whichever it is', () => {
  const others = escapesFor({ '"': String.raw`\"`, '\\': String.raw`\\` }, '~', undefined);
  for (const escapes of [json, others]) {
    for (let code = 0; code < 0x100; code++) {
      for (let at = 0; at < 20; at += code % 5 === 0 ? 1 : 7) {
        const character = String.fromCharCode(code);
        const text = `${'a~'.repeat(10).slice(0, at)}${character}${'z'.repeat(20 - at)}`;
        // One character at a time is too short for words.
        const expected = Array.from(text, (one) => escaped(Buffer.from(one), escapes)).join('');
        assert.equal(escaped(Buffer.from(text), escapes), expected);
      }
    }
  }
});

test('any bytes come out as JSON that can be read', () => {
  const property = fc.property(fc.uint8Array({ maxLength: 40 }), (array) => {
    const bytes = Buffer.from(array);
    const read: unknown = JSON.parse(`"${escaped(bytes)}"`);
    if (isUtf8(bytes)) assert.equal(read, bytes.toString());
  });
  fc.assert(property, { numRuns: 500 });
});

test('a sequence is as long as a decoder finds it', () => {
  const property = fc.property(
    fc
      .uint8Array({ minLength: 1, maxLength: 4 })
      .map((array) => Buffer.from([(array[0] ?? 0) | 0x80, ...array.slice(1)])),
    (bytes) => {
      const lengths = [1, 2, 3, 4].filter(
        (length) =>
          length <= bytes.length &&
          isUtf8(bytes.subarray(0, length)) &&
          Array.from(bytes.subarray(0, length).toString()).length === 1,
      );
      assert.equal(sequenceLength(bytes, 0, bytes.length), lengths[0] ?? 0);
    },
  );
  fc.assert(property, { numRuns: 5000 });
});
