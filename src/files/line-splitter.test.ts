import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { splitLines } from './line-splitter.ts';

function split(text: string | Buffer, start = 0, end = text.length): string[] {
  const bytes = Buffer.isBuffer(text) ? text : Buffer.from(text, 'latin1');
  const lines = splitLines(bytes, start, end);
  assert.equal(lines.starts.length, lines.ends.length);
  return Array.from(lines.starts, (from, index) => bytes.toString('latin1', from, lines.ends[index]));
}

test('lines are split at newlines, and one carriage return goes with them', () => {
  const cases: readonly [text: string, lines: readonly string[]][] = [
    ['', []],
    ['\n', ['']],
    ['a\nb\n', ['a', 'b']],
    ['a\n\nb', ['a', '', 'b']],
    ['a\r\nb\r\r\n\r\n', ['a', 'b\r', '']],
    ['a\r', ['a']],
    ['\r\n', ['']],
    ['a\rb\n', ['a\rb']],
    ['\0\xff\xfe\n\x80', ['\0\xff\xfe', '\x80']],
  ];
  for (const [text, lines] of cases) assert.deepEqual(split(text), lines, JSON.stringify(text));
});

test('only the given range is looked at', () => {
  assert.deepEqual(split('xx\nab\ncd\nyy', 3, 7), ['ab', 'c']);
  assert.deepEqual(split('ab\r\ncd', 0, 3), ['ab']);
});

test('many lines are all found', () => {
  assert.equal(split('x\n'.repeat(5000)).length, 5000);
});

test('joining the lines with newlines gives the text back', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\0'), maxLength: 50 });
  fc.assert(
    fc.property(text, (content) => {
      assert.equal(split(`${content}\n`).join('\n'), content);
    }),
  );
});
