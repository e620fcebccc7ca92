import { test } from 'node:test';
import { assertFails, assertRenders } from '../../../testkit/render-template.ts';

test('patterns match, find and replace', () => {
  assertRenders([
    ['{{ regexMatch "^[a-z]+$" .a }}', 'true'],
    ['{{ regexMatch "(" .a }}', 'false'],
    ['{{ mustRegexMatch "A" .a }}', 'false'],
    ['{{ regexFind "[a-z][0-9]" "abc1d2" }}', 'c1'],
    ['{{ regexFind "x" "abc" }}', ''],
    ['{{ mustRegexFind "a." .a }}', 'al'],
    ['{{ regexFindAll "[2,4,6,8]" "123456789" -1 }}', '[2 4 6 8]'],
    ['{{ regexFindAll "[2,4,6,8]" "123456789" 2 }}', '[2 4]'],
    ['{{ regexFindAll "x" "abc" -1 }}', '[]'],
    ['{{ regexFindAll "a" "aaa" 0 }}', '[]'],
    ['{{ mustRegexFindAll "é|✓" .u -1 }}', '[é ✓]'],
    ['{{ regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W" }}', '-W-xxW-'],
    ['{{ regexReplaceAllLiteral "a(x*)b" "-ab-axxb-" "${1}" }}', '-${1}-${1}-'],
    ['{{ regexReplaceAll "x*" "abc" "-" }}', '-a-b-c-'],
    ['{{ regexReplaceAll "(?P<n>a)" "banana" "<$n>" }}', 'b<a>n<a>n<a>'],
    ['{{ mustRegexReplaceAll "a" "banana" "o" }}', 'bonono'],
  ]);
  assertFails([
    ['{{ mustRegexMatch "(" .a }}', 'error calling mustRegexMatch: error parsing regexp: missing closing ): `(`'],
    [
      '{{ mustRegexReplaceAll "(" "x" "y" }}',
      'error calling mustRegexReplaceAll: error parsing regexp: missing closing ): `(`',
    ],
  ]);
});

test('text is split where a pattern matches', () => {
  assertRenders([
    ['{{ regexSplit "z+" "pizza" -1 }}', '[pi a]'],
    ['{{ regexSplit "a" "banana" 2 }}', '[b nana]'],
    ['{{ regexSplit "" "abc" -1 }}', '[a b c]'],
    ['{{ regexSplit "x" "abc" -1 }}', '[abc]'],
    ['{{ regexSplit "," "" -1 }}', '[]'],
    ['{{ regexSplit "a" "a" -1 }}', '[ ]'],
    ['{{ regexSplit "a" "banana" 0 }}', '[]'],
    ['{{ len (regexSplit "a" "aba" -1) }}', '3'],
    ['{{ regexQuoteMeta "1.2.3(x)[y]{z}|a-b" }}', '1\\.2\\.3\\(x\\)\\[y\\]\\{z\\}\\|a-b'],
  ]);
});
