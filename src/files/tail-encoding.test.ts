import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { test } from 'node:test';
import { ParseError } from '../base/parse-error.ts';
import { fileOf, follow } from '../testkit/follow-file.ts';
import { until } from '../testkit/until.ts';
import { findEncoding, type TextEncoding } from './line-encoding.ts';

function encodingOf(name: string): TextEncoding {
  const found = findEncoding(name);
  assert.ok(!(found instanceof ParseError));
  return found;
}

/** Text in UTF-16 or UTF-32, with or without a byte order mark. */
function encode(text: string, name: string): Buffer {
  if (name.startsWith('UTF-8')) return Buffer.from(text);
  const isBig = name.endsWith('BE');
  if (name.startsWith('UTF-16')) return isBig ? Buffer.from(text, 'utf16le').swap16() : Buffer.from(text, 'utf16le');
  const units = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const bytes = Buffer.alloc(units.length * 4);
  for (const [index, unit] of units.entries())
    void (isBig ? bytes.writeUInt32BE(unit, index * 4) : bytes.writeUInt32LE(unit, index * 4));
  return bytes;
}

/** As lines are given by `follow`: one character a byte. */
function utf8(...lines: readonly string[]): string[] {
  return lines.map((line) => Buffer.from(line).toString('latin1'));
}

test('lines in every encoding are decoded, with offsets of the bytes in the file', async (t) => {
  const text = 'line1\nHello, 世界\r\n\r\n\u0a00 \u010a 😀\n';
  for (const [name, configured, mark, size] of [
    ['UTF-16LE', 'UTF-16LE', '', 2],
    ['UTF-16LE', '', '\ufeff', 2],
    ['UTF-16LE', 'UTF-8', '\ufeff', 2],
    ['UTF-16LE', 'UTF-16', '', 2],
    ['UTF-16BE', 'UTF-16BE', '', 2],
    ['UTF-16BE', 'UTF-16', '', 2],
    ['UTF-16BE', '', '\ufeff', 2],
    ['UTF-32LE', 'UTF-32LE', '', 4],
    ['UTF-32LE', '', '\ufeff', 4],
    ['UTF-32BE', 'UTF-32', '', 4],
    ['UTF-32BE', 'UTF-16', '\ufeff', 4],
    ['UTF-8', 'UTF-16', '\ufeff', 1],
  ] as const) {
    const bytes = encode(mark + text, name);
    const file = await fileOf(t, bytes);
    const encoding = encodingOf(configured);
    const { receiver, stop, tail } = follow(t, file, { encoding });
    const lines = utf8('line1', 'Hello, 世界', '', '\u0a00 \u010a 😀');
    assert.deepEqual(await receiver.take(4), lines, `${name} as "${configured}"`);
    assert.equal(receiver.delivered?.offset, bytes.length);
    await appendFile(file, encode('nex', name));
    await receiver.look();
    assert.deepEqual(receiver.lines, []);
    await stop();

    // A later run knows the encoding from the beginning of the file as well.
    const later = follow(t, file, { encoding, from: tail.delivered });
    await appendFile(file, encode('t\r\n', name));
    assert.deepEqual(await later.receiver.take(1), ['next'], name);
    assert.equal(later.receiver.delivered?.offset, bytes.length + (name === 'UTF-8' ? 6 : 6 * size));
    await later.stop();
  }
});

test('reading from the end begins after the last line end, whatever its bytes are', async (t) => {
  for (const name of ['UTF-16LE', 'UTF-16BE', 'UTF-32LE', 'UTF-32BE']) {
    for (const [content, rest] of [
      ['', ''],
      ['line1', 'line1'],
      ['line1\nline2', 'line2'],
      ['line1\r\nline2\r\n', ''],
      ['line1\n\u0a00\u000a\u010a\u0a0a', '\u010a\u0a0a'],
      [`line1\n${'世'.repeat(300_000)}`, '世'.repeat(300_000)],
    ] as const) {
      const file = await fileOf(t, encode(`\ufeff${content}`, name));
      const { receiver, stop } = follow(t, file, { startsAtEnd: true });
      await receiver.look();
      await appendFile(file, encode('!\n', name));
      assert.deepEqual(await receiver.take(1), utf8(`${rest}!`), `${name} ${content.slice(0, 30)}`);
      await stop();
    }
  }
});

test('long lines are put together, cut between characters, and sent again as they were', async (t) => {
  const long = '世'.repeat(500_000);
  const file = await fileOf(t, encode(`a\n${long}\nb\n`, 'UTF-16LE'));
  const encoding = encodingOf('UTF-16LE');
  const whole = follow(t, file, { encoding });
  assert.deepEqual(await whole.receiver.take(3), utf8('a', long, 'b'));
  await whole.stop();

  const cut = follow(t, file, { encoding, maxLineSize: 300_001 });
  cut.receiver.mode = 'fail';
  await until(() => cut.receiver.lines.length > 4);
  cut.receiver.mode = 'settle';
  await until(() => cut.receiver.delivered?.offset === 1_000_010);
  assert.ok(cut.receiver.lines.includes(utf8('世'.repeat(150_000))[0] ?? ''));
  assert.deepEqual(cut.receiver.losses, [[700_002, 'line_too_long']]);
});

test('an offset in the middle of a character is no place to go on at', async (t) => {
  const file = await fileOf(t, encode('\ufeffline1\nline2\n', 'UTF-16LE'));
  const { receiver } = follow(t, file, { from: { offset: 15, identity: undefined } });
  assert.deepEqual(await receiver.take(2), ['line1', 'line2']);
});

test('character sets with line ends of one byte are decoded', async (t) => {
  for (const [name, bytes, line] of [
    ['windows-1252', [0x80, 0x20, 0xe9, 0x0d, 0x0a], '€ é'],
    ['Shift_JIS', [0x90, 0xa2, 0x8a, 0x45, 0x0a], '世界'],
    ['IBM437', [0x82, 0x0a], 'é'],
  ] as const) {
    const { receiver, stop } = follow(t, await fileOf(t, Buffer.from(bytes)), { encoding: encodingOf(name) });
    assert.deepEqual(await receiver.take(1), utf8(line), name);
    assert.equal(receiver.delivered?.offset, bytes.length);
    await stop();
  }
});
