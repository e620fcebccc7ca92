import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../../base/parse-error.ts';
import { parsePattern } from './pattern.ts';

/** The captures that a pattern finds in a text, in their order. */
function captures(source: string, text: string): [name: string, value: string][] {
  const pattern = parsePattern(source);
  assert.ok(!(pattern instanceof ParseError), source);
  const count = pattern.match(text);
  return pattern.names
    .slice(0, count)
    .map((name, index) => [name, text.slice(pattern.starts[index], pattern.ends[index])]);
}

test('captures take what stands between the text around them', () => {
  const apache =
    '11.11.11.11 - frank [25/Jan/2000:14:00:01 -0500] "GET /1986.js HTTP/1.1" 200 932 "-" "Mozilla/5.0 (Windows)"';
  const cases: readonly [pattern: string, text: string, want: Readonly<Record<string, string>>][] = [
    [
      '<ip> <identd> <user> [<time>] "<action> <path> <protocol>" <status> <size> "<referer>" "<useragent>"',
      apache,
      {
        ip: '11.11.11.11',
        identd: '-',
        user: 'frank',
        time: '25/Jan/2000:14:00:01 -0500',
        action: 'GET',
        path: '/1986.js',
        protocol: 'HTTP/1.1',
        status: '200',
        size: '932',
        referer: '-',
        useragent: 'Mozilla/5.0 (Windows)',
      },
    ],
    ['HTTP/<version>', 'HTTP/1.1', { version: '1.1' }],
    ['<a>', 'all of it', { a: 'all of it' }],
    ['<_> <a>', 'x y z', { a: 'y z' }],
    ['<_>=<a>;<_>=<b>', 'k=1;l=2', { a: '1', b: '2' }],
    ['<a>,<b>', ',', { a: '', b: '' }],
    ['<a>,<b>', 'x,', { a: 'x', b: '' }],
    ['<a>é<b>', '1é😀', { a: '1', b: '😀' }],
    ['<a> end', 'x end', { a: 'x' }],
    ['<a> end', 'x end and more', { a: 'x' }],
    ['<<a>>', '<x>', { a: 'x' }],
    ['\\<a>', '\\x', { a: 'x' }],
    ['<a1_B> <_c>', 'x y', { a1_B: 'x', _c: 'y' }],
  ];
  for (const [pattern, text, want] of cases) {
    assert.deepEqual(Object.fromEntries(captures(pattern, text)), want, `${pattern} in ${text}`);
  }
});

test('what only looks like a capture is text', () => {
  const cases: readonly [pattern: string, text: string, want: [string, string][]][] = [
    ['<1_><a>', '<1_>x', [['a', 'x']]],
    ['<><a>', '<>x', [['a', 'x']]],
    ['<a b><a>', '<a b>x', [['a', 'x']]],
    ['<ä><a>', '<ä>x', [['a', 'x']]],
    ['<a-b> <a>', '<a-b> x', [['a', 'x']]],
    ['<a> <b', 'x <b', [['a', 'x']]],
  ];
  for (const [pattern, text, want] of cases) assert.deepEqual(captures(pattern, text), want, pattern);
});

test('text before the first capture must begin the line', () => {
  for (const text of ['', 'unknown', 'true', ' HTTP/1', 'http/1']) {
    assert.deepEqual(captures('HTTP/<v>', text), [], text);
  }
  assert.deepEqual(captures('<a>', ''), []);
  assert.deepEqual(captures('HTTP/<v>', 'HTTP/'), [['v', '']]);
});

test('where the text after a capture is missing, the capture takes the rest', () => {
  const cases: readonly [pattern: string, text: string, want: [string, string][]][] = [
    ['<a> [<b>] <c>', 'x [y z', [['a', 'x'], ['b', 'y z']]],
    ['<a> [<b>] <c>', 'x y z', [['a', 'x y z']]],
    ['<a> <_> <c>', 'x y', [['a', 'x']]],
    ['<_> <a>', 'x', []],
    ['<a> end', 'x', [['a', 'x']]],
  ]; // prettier-ignore
  for (const [pattern, text, want] of cases) assert.deepEqual(captures(pattern, text), want, `${pattern} in ${text}`);
});

test('no more captures are looked for than wanted', () => {
  const pattern = parsePattern('<_> <a> <b> <c>');
  assert.ok(!(pattern instanceof ParseError));
  for (const [limit, count] of [
    [0, 0],
    [1, 1],
    [2, 2],
    [3, 3],
    [9, 3],
  ] as const) {
    assert.equal(pattern.match('w x y z', limit), count);
  }
  assert.equal(pattern.match('w x', 3), 1);
});

test('patterns that cannot work are refused', () => {
  const cases: readonly [pattern: string, problem: string][] = [
    ['', 'pattern is required'],
    ['text', 'at least one capture is required'],
    ['<_>', 'at least one capture is required'],
    ['<_> <_>', 'at least one capture is required'],
    ['<_><_>', 'at least one capture is required'],
    ['<1>', 'at least one capture is required'],
    ['<a><b>', 'text is required between <a> and <b>'],
    ['<a> <_><_>', 'text is required between <_> and <_>'],
    ['<a> <b> <a>', 'duplicate capture <a>'],
  ];
  for (const [source, problem] of cases) assert.deepEqual(parsePattern(source), new ParseError(problem), source);
});

test('captures and the text between them make up the line again', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '-', 'é', '😀', '\ufffd', '\0'), maxLength: 5 });
  const separator = fc.constantFrom(' ', '-', ', ', '|', 'é');
  fc.assert(
    fc.property(text, fc.array(fc.tuple(text, separator), { minLength: 1, maxLength: 5 }), (prefix, parts) => {
      const source = parts.reduce((all, [, after], index) => `${all}<c${index}>${after}`, prefix);
      const line = parts.reduce((all, [value, after]) => all + value + after, prefix);
      const found = captures(source, line);
      // A value may hold the text that ends it; nothing is taken twice or left out before the end.
      const again = found.reduce((all, [, value], index) => all + value + (parts[index]?.[1] ?? ''), prefix);
      assert.equal(again, line.slice(0, again.length));
      assert.ok(found.length > 0);
    }),
  );
});

test('any pattern is read or refused, and any text is matched or not', () => {
  const part = fc.oneof(fc.constantFrom('<a>', '<b>', '<_>', '<', '>', ' ', '<1>'), fc.string({ unit: 'binary' }));
  const line = fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString());
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), line, (parts, text) => {
      const pattern = parsePattern(parts.join(''));
      if (pattern instanceof ParseError) return;
      const count = pattern.match(text);
      assert.ok(count <= pattern.names.length);
      for (let index = 0; index < count; index++) {
        const [start = -1, end = -1] = [pattern.starts[index], pattern.ends[index]];
        assert.ok(start <= end && end <= text.length && (index === 0 || start > (pattern.ends[index - 1] ?? 0)));
      }
    }),
  );
});
