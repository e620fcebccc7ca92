import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownString, TextWindow } from './text-window.ts';

test('ranges become their text, in any order and across windows', () => {
  const lines = Array.from(
    { length: 3000 },
    (_, index) => `line ${index} ${'x'.repeat(index % 50)}${index % 700 === 0 ? 'ä€😀' : ''}\n`,
  );
  const bytes = Buffer.from(lines.join(''));
  const window = new TextWindow();
  let at = 0;
  const ranges = lines.map((line) => ({ line, start: at, end: (at += Buffer.byteLength(line)) }));
  for (const { line, start, end } of [...ranges, ...ranges.toReversed()])
    assert.equal(window.slice(bytes, start, end), line);
  assert.equal(window.slice(bytes, 0, bytes.length), lines.join(''));
  assert.equal(window.slice(bytes, 5, 5), '');
});

test('a window knows which bytes it was made of', () => {
  const window = new TextWindow();
  assert.equal(window.slice(Buffer.from('first text'), 0, 5), 'first');
  assert.equal(window.slice(Buffer.from('other text'), 0, 5), 'other');
  window.clear();
  assert.equal(window.slice(Buffer.from([0xff, 0x41]), 0, 2), '\ufffdA');
});

test('text of its own is the same text', () => {
  for (const text of ['', 'short', 'a text that is longer', 'ünïcödé with more than that'])
    assert.equal(ownString(text), text);
});
