import { test } from 'node:test';
import { assertFails, assertRenders } from '../../../testkit/render-template.ts';

test('letters change their case', () => {
  assertRenders([
    ['{{ upper .b }}', 'BETA GAMMA'],
    ['{{ lower .b }}', 'beta gamma'],
    ['{{ upper "straße é" }}', 'STRAßE É'],
  ]);
});

test('text is cut, and counted in bytes', () => {
  assertRenders([
    ['{{ trunc 3 .a }}', 'alp'],
    ['{{ trunc -3 .a }}', 'pha'],
    ['{{ trunc 100 .a }}', 'alpha'],
    ['{{ trunc -100 .a }}', 'alpha'],
    ['{{ trunc 0 .a }}', ''],
    ['{{ substr 1 3 .a }}', 'lp'],
    ['{{ substr -1 3 .a }}', 'alp'],
    ['{{ substr 1 -1 .a }}', 'lpha'],
    ['{{ substr 2 100 .a }}', 'pha'],
    ['{{ abbrev 8 "hello world foo bar" }}', 'hello...'],
    ['{{ abbrev 3 "hello" }}', 'hello'],
    ['{{ abbrev 5 "hello" }}', 'hello'],
    ['{{ abbrevboth 5 10 "1234 5678 9123 4567" }}', '...5678...'],
    ['{{ abbrevboth 5 7 "1234 5678 9123" }}', '...5...'],
    ['{{ abbrevboth 10 10 "1234 5678 9123" }}', '...78 9123'],
    ['{{ abbrevboth 0 5 "abcdefgh" }}', 'ab...'],
    ['{{ abbrevboth 3 20 "1234 5678 9123" }}', '1234 5678 9123'],
    ['{{ abbrevboth 5 6 "1234 5678 9123" }}', '1234 5678 9123'],
  ]);
  assertFails([
    ['{{ substr 4 2 .a }}', 'error calling substr: runtime error: slice bounds out of range [4:2]'],
    ['{{ substr -1 20 .a }}', 'error calling substr: runtime error: slice bounds out of range [:20] with length 5'],
  ]);
});

test('ends are trimmed', () => {
  assertRenders([
    ['{{ trim "  x \\n" }}', 'x'],
    ['{{ trimAll "$" "$5.00$" }}', '5.00'],
    ['{{ trimall "-x" "x-a-x" }}', 'a'],
    ['{{ trimSuffix "-" "hello--" }}', 'hello-'],
    ['{{ trimPrefix "-" "--hello" }}', '-hello'],
    ['{{ trimAll "é✓" "✓éa✓b✓" }}', 'a✓b'],
    ['{{ trim "\\u00a0\\u0085x" }}', 'x'],
  ]);
});

test('text is repeated and replaced', () => {
  assertRenders([
    ['{{ repeat 3 "ab" }}', 'ababab'],
    ['{{ repeat 0 "ab" }}', ''],
    ['{{ replace " " "-" "I Am Henry" }}', 'I-Am-Henry'],
    ['{{ replace "" "-" "abc" }}', '-a-b-c-'],
    ['{{ replace "a" "" "banana" }}', 'bnn'],
  ]);
  assertFails([['{{ repeat -1 "ab" }}', 'error calling repeat: strings: negative Repeat count']]);
});

test('text is searched', () => {
  assertRenders([
    ['{{ contains "cat" "catch" }}', 'true'],
    ['{{ hasPrefix "cat" "catch" }}', 'true'],
    ['{{ hasSuffix "x" "catch" }}', 'false'],
    ['{{ contains "" "" }}', 'true'],
  ]);
});

test('values are quoted and put side by side', () => {
  assertRenders([
    ['{{ quote "a\\"b" 1 nil true }}', '"a\\"b" "1" "true"'],
    ['{{ squote "a" 1 nil }}', "'a' '1'"],
    ['{{ cat "a" 1 nil "b" }}', 'a 1 b'],
    ['{{ quote }}', ''],
    ['{{ cat }}', ''],
    ['{{ quote (list 1 "x") }}', '"[1 x]"'],
    ['{{ plural "one" "many" 1 }}', 'one'],
    ['{{ plural "one" "many" 2 }}', 'many'],
    ['{{ hello }}', 'Hello!'],
  ]);
});

test('lines are indented and wrapped', () => {
  assertRenders([
    ['{{ indent 4 .m }} {{ nindent 2 .m }}', '    l1\n    l2\n    l3 \n  l1\n  l2\n  l3'],
    [
      '{{ wrap 10 "hello world this is a test of wrapping averyveryverylongword end" }}',
      'hello\nworld this\nis a test\nof\nwrapping\naveryveryverylongword\nend',
    ],
    ['{{ wrap 5 "   a   b" }} {{ wrap 0 "a b" }} {{ wrap 3 "" }}', 'a   b a\nb '],
    ['{{ wrapWith 5 "\\t" "Hello World averylongword x" }}', 'Hello\tWorld\tavery\tlongw\tord x'],
    ['{{ wrapWith 5 "" "Hello World" }}', 'Hello\nWorld'],
  ]);
  assertFails([['{{ indent -1 "x" }}', 'error calling indent: strings: negative Repeat count']]);
});
