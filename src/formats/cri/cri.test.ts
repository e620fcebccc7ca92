import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { criLine, parseCri } from './cri.ts';

/** What a line becomes; undefined if it is not in the format. */
function parse(line: string | Buffer) {
  const result = parseBetween('2024-01-01T00:00:00Z stdout F ', line, ' stdout F other');
  assert.deepEqual(parseBetween('', line, 'P other'), result);
  return result;
}

function parseBetween(before: string, line: string | Buffer, after: string) {
  const bytes = Buffer.concat([Buffer.from(before), Buffer.from(line), Buffer.from(after)]);
  const end = bytes.length - after.length;
  if (!parseCri(bytes, before.length, end, criLine)) return undefined;
  const { hasTime, seconds, nanos, stream, isPartial, contentStart } = criLine;
  assert.ok(contentStart <= end);
  const time = hasTime ? [seconds, nanos] : undefined;
  return { time, stream, isPartial, content: bytes.toString('utf8', contentStart, end) };
}

test('a line gives its time, stream, flag and content', () => {
  const time = [1556714475, 541000001];
  assert.deepEqual(parse('2019-05-01T12:41:15.541000001Z stderr F message'), {
    time,
    stream: 'stderr',
    isPartial: false,
    content: 'message',
  });
  assert.deepEqual(parse('2019-05-01T14:41:15.541000001+02:00 stdout P half of a li'), {
    time,
    stream: 'stdout',
    isPartial: true,
    content: 'half of a li',
  });
});

test('the content begins after one space, and may be anything', () => {
  const cases: readonly [line: string, content: string | undefined, isPartial?: boolean][] = [
    ['t stderr F message\nmessage2', 'message\nmessage2'],
    ['t stdout F   indented', '  indented'],
    ['t stdout F ', ''],
    ['t stdout F', ''],
    ['t stdout P', '', true],
    ['t stdout P \t', '\t', true],
    ['t stdout ', ''],
    ['something stderr looks like it could be cri', 'looks like it could be cri'],
    ['t stdout  F x', ' F x'],
    ['t stdout Found it', 'Found it'],
    ['t stdout P:tag x', 'P:tag x'],
    ['t stdout X x', 'X x'],
  ];
  for (const [line, content, isPartial = false] of cases) {
    const result = parse(line);
    assert.deepEqual([result?.content, result?.isPartial], [content, isPartial], line);
  }
});

test('the time may be any text without spaces', () => {
  for (const time of ['3242', '2019-05-01', 'é\u200b', '\x1c', '']) {
    assert.deepEqual(parse(`${time} stdout F x`), {
      time: undefined,
      stream: 'stdout',
      isPartial: false,
      content: 'x',
    });
  }
});

test('lines in another format are not read', () => {
  const lines = [
    '',
    ' ',
    't',
    't ',
    't stdout',
    'tstdout F x',
    't  stdout F x',
    't\tstdout F x',
    't stdou F x',
    't stdoutF x',
    't stdin F x',
    't STDOUT F x',
    't stderR F x',
    "i'm invalid!!!",
  ];
  for (const line of lines) assert.equal(parse(line), undefined, line);
});

test('a space beyond ASCII does not end the time', () => {
  for (const space of '\t\n\v\f\r\u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000') {
    assert.equal(parse(`t${space}x stdout F x`), undefined, space);
  }
});

test('no line makes the parser throw', () => {
  const part = fc.constantFrom('2019-05-01T12:41:15Z', ' ', 'stdout', 'stderr', 'F', 'P', 'é', '\u2003', 'x');
  const lines = fc.oneof(
    fc.array(part).map((parts) => parts.join('')),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(lines, (line) => {
      const result = parse(line);
      const text = Buffer.from(line).toString();
      assert.ok(result === undefined || text.endsWith(result.content));
      // Not Unicode's idea of a space in JavaScript, which has U+FEFF but not U+0085.
      const isCri = /^[^\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]* std(out|err) /.test(text);
      assert.equal(result !== undefined, isCri, text);
    }),
  );
});
