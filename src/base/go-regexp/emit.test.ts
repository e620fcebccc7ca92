import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../parse-error.ts';
import { emit } from './emit.ts';
import { GoRegexp } from './go-regexp.ts';
import type { Matcher } from './matcher.ts';
import { parseRegexp } from './parse.ts';
import { createRe2Matcher, loadRe2 } from './re2-matcher.ts';
import type { Node } from './syntax-tree.ts';
import { createV8Matcher } from './v8-matcher.ts';

function parse(pattern: string): Node {
  const parsed = parseRegexp(pattern);
  if (parsed instanceof ParseError) throw new Error(parsed.message);
  return parsed.root;
}

function sourceOf(pattern: string): string | undefined {
  return emit(parse(pattern))?.source;
}

test('patterns as configurations have them run on V8', () => {
  const patterns = [
    '(?:HTTP/\\d(?:\\.\\d)?"?\\s+|status[=:]\\s*"?)(?P<status_code>[1-5]\\d{2})\\b',
    '^(?P<ip>\\S+) (?P<user>\\S+) \\[(?P<time>[^\\]]+)\\] "(?P<request>.*?)" (?P<status>\\d{3})',
    '(?i)\\b(error|fatal|panic)\\b',
    '(?m)^\\s*at (.*)$',
    '([0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})',
    '(?:\\d{1,3}\\.){3}\\d{1,3}',
    '(\\d{1,3}\\.){3}\\d{1,3}',
    '[\\w.+-]{1,64}@[\\w-]{1,63}\\.\\w+',
    '\\pL+',
    '(.*)?',
    '(?:\\s*,\\s*)*x',
    '^(?s:(.+):(?:\\d+);(\\d+))$',
  ];
  for (const pattern of patterns) assert.ok(createV8Matcher(parse(pattern)), pattern);
});

test('what JavaScript or the linear engine of V8 cannot match as Go does is left to RE2', () => {
  const patterns = [
    '(?:(a)|b)*', // JavaScript forgets the group in the next round.
    '(|a)*', // JavaScript tries on after an empty round.
    '(a*)*',
    '(a{1,30}){1,30}',
    '(?m)a$\\z', // With the flag m there is no end of the text.
    '(?:a?){300}',
    '(?m)$a?$a?$a?$a?$a?$a?$a?$', // V8 would take too long to compile it.
    '(?:[a-z]{100}[0-9]{100}){10}\\pL{100}',
  ];
  for (const pattern of patterns) assert.equal(createV8Matcher(parse(pattern)), undefined, pattern);
});

test('a counted repetition is written out where the linear engine refuses it', () => {
  assert.equal(sourceOf('a{16}'), 'a{16}');
  assert.equal(sourceOf('(?:a{4}){4}'), '(?:a{4}){4}');
  assert.equal(sourceOf('a{17}'), 'a'.repeat(17));
  assert.equal(sourceOf('a{15,17}?'), `${'a'.repeat(15)}(?:a(?:a)??)??`);
  assert.equal(sourceOf('a{16,}'), `${'a'.repeat(16)}a*`);
  assert.equal(sourceOf('(?:a{4}){5}'), '(?:aaaa){5}');
});

const pieces =
  'a b c é 😀 . \\n ^ $ \\A \\z \\b \\B (?:) \\d \\w \\W \\s \\S [ab] [^a] [^\\n] [a-é] [^😀] [\\x{1F600}-\\x{1F64F}] ' +
  '[[:alpha:]] [^[:space:]] (?s:.) (?m:^) (?m:$) (?i:k) (?i:ß) (?i:[^k])';
const operators = '* + ? *? +? ?? {2} {0,2} {1,3}? {2,} {0} {1} {3,20} {18} {0,17}?';
const openings = '( ( (?: (?U: (?s: (?i:';

function oneOf(list: string): fc.Arbitrary<string> {
  return fc.constantFrom(...list.split(' '));
}

function joined(...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> {
  return fc.tuple(...parts).map((texts) => texts.join(''));
}

const anyPattern = fc.letrec<{ piece: string; sequence: string; pattern: string }>((tie) => ({
  piece: fc.oneof(
    { depthSize: 'small' },
    { weight: 3, arbitrary: oneOf(pieces) },
    { weight: 2, arbitrary: joined(oneOf(openings), tie('pattern'), fc.constant(')')) },
  ),
  sequence: fc
    .array(joined(tie('piece'), fc.oneof(fc.constant(''), oneOf(operators))), { maxLength: 4 })
    .map((parts) => parts.join('')),
  pattern: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((sequences) => sequences.join('|')),
})).pattern;

const anyText = fc
  .array(fc.constantFrom('a', 'a', 'b', 'c', 'k', 'K', '\n', '\r', ' ', '1', '_', 'é', 'ß', 'ſ', '😀', '😃'), {
    maxLength: 12,
  })
  .map((characters) => characters.join(''));

/** What re2js makes of the pattern itself, without any of our own parsing and writing. */
function expected(pattern: string, text: string): number[] | null {
  const matcher = loadRe2().RE2JS.compile(pattern).matcher(text);
  if (!matcher.find()) return null;
  return Array.from({ length: matcher.groupCount() + 1 }, (_, group) => [
    matcher.start(group),
    matcher.end(group),
  ]).flat();
}

function everything(matcher: Matcher, text: string): unknown {
  const regexp = new GoRegexp('', [], matcher);
  return [
    regexp.test(text),
    [...(regexp.match(text) ?? [])],
    regexp.matchAll(text),
    regexp.replaceAll(text, () => '-'),
  ];
}

test('every engine matches as RE2 does', () => {
  const property = fc.property(anyPattern, fc.array(anyText, { minLength: 1, maxLength: 3 }), (pattern, texts) => {
    const parsed = parseRegexp(pattern);
    if (parsed instanceof ParseError) {
      assert.throws(() => loadRe2().RE2JS.compile(pattern));
      return;
    }
    const re2 = createRe2Matcher(parsed.root);
    const v8 = createV8Matcher(parsed.root);
    const emission = emit(parsed.root);
    for (const text of texts) {
      assert.deepEqual(re2.spans(text, 0), expected(pattern, text));
      if (v8 === undefined || emission === undefined) continue;
      assert.deepEqual(everything(v8, text), everything(re2, text));
      if (emission.isMultiline && text.includes('\r')) continue;
      const linear = new RegExp(emission.source, emission.isMultiline ? 'lm' : 'l');
      assert.deepEqual([...(linear.exec(text) ?? [])], [...(re2.groups(text, 0) ?? [])]);
    }
  });
  fc.assert(property, { numRuns: 400 });
});
