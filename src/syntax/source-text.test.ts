import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { oneLine, type Diagnostic } from './diagnostic.ts';
import { sourceFromBytes } from './source-text.ts';

function read(content: Uint8Array): { text: string | undefined; diagnostics: Diagnostic[] } {
  const diagnostics: Diagnostic[] = [];
  const source = sourceFromBytes(content, 'test.alloy', (diagnostic) => diagnostics.push(diagnostic));
  return { text: source?.text, diagnostics };
}

function bytes(...parts: (string | number[])[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.from(part as string)));
}

test('UTF-8 is read with and without a byte order mark', () => {
  assert.deepEqual(read(bytes('é = "日本"')), { text: 'é = "日本"', diagnostics: [] });
  assert.deepEqual(read(bytes([0xef, 0xbb, 0xbf], 'a = 1')), { text: 'a = 1', diagnostics: [] });
  assert.deepEqual(read(bytes('')), { text: '', diagnostics: [] });
});

test('U+FFFD in a file is a character like others', () => {
  assert.equal(read(bytes('a = "\uFFFD"')).text, 'a = "\uFFFD"');
});

const refused: readonly [what: string, content: Buffer, diagnostic: string][] = [
  ['UTF-16 of little-endian order', bytes([0xff, 0xfe, 0x61, 0x00]), encodedWith('UTF-16 (little-endian)')],
  ['UTF-16 of big-endian order', bytes([0xfe, 0xff, 0x00, 0x61]), encodedWith('UTF-16 (big-endian)')],
  ['UTF-32 of little-endian order', bytes([0xff, 0xfe, 0x00, 0x00]), encodedWith('UTF-32 (little-endian)')],
  ['UTF-32 of big-endian order', bytes([0x00, 0x00, 0xfe, 0xff]), encodedWith('UTF-32 (big-endian)')],
  ['a stray byte', bytes('a = 1\nb = "é', [0xff], '"'), badByte('2:8', 2, '0xff')],
  ['a byte of another encoding', bytes([0xe9, 0x20]), badByte('1:1', 1, '0xe9')],
  ['a character that ends too early', bytes('\n\n', [0xe2, 0x82]), badByte('3:1', 3, '0xe2')],
  ['an overlong form', bytes('a', [0xc0, 0x80]), badByte('1:2', 1, '0xc0')],
  ['half of a surrogate pair', bytes('a', [0xed, 0xa0, 0x80]), badByte('1:2', 1, '0xed')],
  ['a bad byte after U+FFFD', bytes('\uFFFD\n\uFFFD', [0x80]), badByte('2:4', 2, '0x80')],
  ['a bad byte after a mark', bytes([0xef, 0xbb, 0xbf], 'a', [0x80]), badByte('1:2', 1, '0x80')],
];

function encodedWith(name: string): string {
  return `test.alloy:1:1: configuration is encoded with ${name} but must be utf8`;
}

function badByte(place: string, line: number, byte: string): string {
  return `test.alloy:${place}: configuration is not valid UTF-8: line ${line} has the byte ${byte}`;
}

for (const [what, content, diagnostic] of refused) {
  test(`${what} is refused`, () => {
    const { text, diagnostics } = read(content);
    assert.equal(text, undefined);
    assert.deepEqual(diagnostics.map(oneLine), [diagnostic]);
    assert.equal(diagnostics[0]?.code, 'syntax/encoding');
  });
}

test('any bytes are either text or one diagnostic', () => {
  const chunk = fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 4 }), (chunks) => {
      const { text, diagnostics } = read(Buffer.concat(chunks));
      assert.equal(diagnostics.length, text === undefined ? 1 : 0);
    }),
  );
});
