import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../base/parse-error.ts';
import { detectEncoding, findEncoding, firstLineEnd, lastLineEnd, type LineEncoding } from './line-encoding.ts';

function encoding(name: string, head: Buffer = Buffer.alloc(0)): LineEncoding {
  const found = findEncoding(name);
  assert.ok(!(found instanceof ParseError), name);
  return detectEncoding(head, found);
}

/** The text of bytes, as if a file began with them. */
function decoded(name: string, ...bytes: readonly number[]): string {
  const content = Buffer.from(bytes);
  const { decode, markSize } = encoding(name, content);
  const text = content.subarray(markSize);
  return (decode?.(text) ?? text).toString();
}

test('a byte order mark counts more than what is configured', () => {
  for (const name of ['', 'utf-8', 'UTF-16', 'UTF-16BE', 'Shift_JIS']) {
    assert.equal(decoded(name, 0xef, 0xbb, 0xbf, 0xc3, 0xa9, 0x0a), 'é\n');
    assert.equal(decoded(name, 0xff, 0xfe, 0xe9, 0, 0x0a, 0), 'é\n');
    assert.equal(decoded(name, 0xfe, 0xff, 0, 0xe9, 0, 0x0a), 'é\n');
    assert.equal(decoded(name, 0xff, 0xfe, 0, 0, 0xe9, 0, 0, 0), 'é');
    assert.equal(decoded(name, 0, 0, 0xfe, 0xff, 0, 0, 0, 0xe9), 'é');
  }
});

test('without a byte order mark the configured encoding counts', () => {
  const cases: readonly [name: string, bytes: readonly number[], text: string][] = [
    ['', [0xc3, 0xa9], 'é'],
    ['UTF-16LE', [0x16, 0x4e], '世'],
    ['utf-16be', [0x4e, 0x16], '世'],
    ['UTF-16', [0, 0x61, 0, 0x62], 'ab'],
    ['UTF-16', [0x61, 0, 0x62, 0], 'ab'],
    ['UTF-16', [0x4e, 0x16], '世'],
    ['UTF-16LE', [0x3d, 0xd8, 0x00, 0xde], '😀'],
    ['UTF-16LE', [0x3d, 0xd8, 0x61, 0], '\ufffda'],
    ['UTF-32', [0x61, 0, 0, 0], 'a'],
    ['UTF-32', [0, 0, 0, 0x61], 'a'],
    ['UTF-32LE', [0x00, 0xf6, 0x01, 0], '😀'],
    ['UTF-32BE', [0, 0x01, 0xf6, 0x00, 0xff, 0xff, 0xff, 0xff], '😀\ufffd'],
    ['ISO-8859-1', [0xe9, 0x85], 'é\u0085'],
    ['windows-1252', [0x80], '€'],
    ['windows-1251', [0xcf], 'П'],
    ['IBM437', [0x82], 'é'],
    ['IBM850', [0x82], 'é'],
    ['KOI8-R', [0xf0], 'П'],
    ['Shift_JIS', [0x90, 0xa2], '世'],
    ['EUC-JP', [0xc0, 0xa4], '世'],
    ['ISO-2022-JP', [0x1b, 0x24, 0x42, 0x40, 0x24, 0x1b, 0x28, 0x42], '世'],
    ['GBK', [0xca, 0xc0], '世'],
    ['GB18030', [0xca, 0xc0], '世'],
    ['Big5', [0xa5, 0x40], '世'],
    ['EUC-KR', [0xe1, 0xa6], '世'],
    ['macintosh', [0x8e], 'é'],
    ['US-ASCII', [0x61], 'a'],
  ];
  for (const [name, bytes, text] of cases) assert.equal(decoded(name, ...bytes), text, name);
});

test('names are those of IANA, in any case, with their aliases', () => {
  for (const name of [
    'utf8',
    'csUTF8',
    'csUTF16LE',
    'latin1',
    'ISO_8859-1:1987',
    'csISOLatin1',
    'MS_Kanji',
    'csShiftJIS',
    'Extended_UNIX_Code_Packed_Format_for_Japanese',
    'KS_C_5601-1987',
    'ANSI_X3.4-1968',
    'IBM00858',
    'cp866',
    'csIBM866',
    'csPC8CodePage437',
    'ISO-8859-8-I',
    'TIS-620',
    'koi8-u',
  ])
    assert.ok(!(findEncoding(name) instanceof ParseError), name);
  for (const name of ['nope', ' ', '-', 'base64', 'hex', 'ucs2', 'IBM037', 'constructor', '__proto__']) {
    const found = findEncoding(name);
    assert.ok(found instanceof ParseError, name);
    assert.equal(found.message, `unknown encoding ${JSON.stringify(name)}`);
  }
});

test('line ends are found where characters begin only', () => {
  // U+0A00, U+000A and U+010A hold the bytes of line feeds.
  const text = '\u0a00\u010a\n\u0a0a\u0a00\u000a\u010a\u0a00';
  const little = Buffer.from(text, 'utf16le');
  for (const [name, bytes] of [
    ['UTF-16LE', little],
    ['UTF-16BE', Buffer.from(little).swap16()],
  ] as const) {
    const { newline, ...rest } = encoding(name);
    assert.equal(firstLineEnd(bytes, { newline, ...rest }, 0), 6, name);
    assert.equal(lastLineEnd(bytes, { newline, ...rest }, 0), 12, name);
    assert.equal(firstLineEnd(bytes.subarray(1), { newline, ...rest }, 1), 5, name);
    assert.equal(lastLineEnd(bytes.subarray(1, 9), { newline, ...rest }, 1), 5, name);
    assert.equal(lastLineEnd(bytes.subarray(0, 4), { newline, ...rest }, 0), -1, name);
  }
});
