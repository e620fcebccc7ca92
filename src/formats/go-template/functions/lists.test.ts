import { test } from 'node:test';
import { assertFails, assertRenders } from '../../../testkit/render-template.ts';

test('lists are made and taken apart', () => {
  assertRenders([
    ['{{ list 1 2 "x" nil 1.5 true }}', '[1 2 x <nil> 1.5 true]'],
    ['{{ tuple 1 2 }}', '[1 2]'],
    ['{{ append (list 1) 2 }}', '[1 2]'],
    ['{{ prepend (list 1) 0 }}', '[0 1]'],
    ['{{ push (list) 1 }}', '[1]'],
    ['{{ first (list 1 2) }}', '1'],
    ['{{ rest (list 1 2 3) }}', '[2 3]'],
    ['{{ last (list 1 2) }}', '2'],
    ['{{ initial (list 1 2 3) }}', '[1 2]'],
    ['{{ first (list) }}', '<no value>'],
    ['{{ last (list) }}', '<no value>'],
    ['{{ rest (list) }}', '[]'],
    ['{{ initial list }}', '[]'],
    ['{{ slice (list 1 2 3 4 5) 1 3 }}', '[2 3]'],
    ['{{ slice (list 1 2 3) 1 }}', '[2 3]'],
    ['{{ slice (list 1 2) }}', '[1 2]'],
    ['{{ slice (list) 1 2 }}', '<no value>'],
    ['{{ concat (list 1) (list 2 3) (splitList "," "a,b") }}', '[1 2 3 a b]'],
    ['{{ chunk 2 (list 1 2 3 4 5) }}', '[[1 2] [3 4] [5]]'],
    ['{{ chunk 3 (list 1 2 3) }}', '[[1 2 3]]'],
    ['{{ chunk 3 (list) }}', '[]'],
    ['{{ mustFirst (until 3) }}', '0'],
  ]);
  assertFails([
    ['{{ first "abc" }}', 'error calling first: Cannot find first on type string'],
    ['{{ first nil }}', 'error calling first: runtime error: invalid memory address or nil pointer dereference'],
    ['{{ append nil 1 }}', 'error calling append: runtime error: invalid memory address or nil pointer dereference'],
    ['{{ slice (list 1 2) 5 6 }}', 'error calling slice: reflect.Value.Slice: slice index out of bounds'],
    ['{{ slice "abc" 1 }}', 'error calling slice: list should be type of slice or array but string'],
    ['{{ concat (list 1) "x" }}', 'error calling concat: Cannot concat type string as list'],
  ]);
});

test('lists are searched and ordered', () => {
  assertRenders([
    ['{{ reverse (list 1 2 3) }}', '[3 2 1]'],
    ['{{ uniq (list 1 1 2 "1") }}', '[1 2 1]'],
    ['{{ without (list 1 2 3) 2 }}', '[1 3]'],
    ['{{ has 2 (list 1 2) }}', 'true'],
    ['{{ has "2" (list 1 2) }}', 'false'],
    ['{{ has 1 nil }}', 'false'],
    ['{{ compact (list 1 0 "" "a" false nil) }}', '[1 a]'],
    ['{{ uniq (list (list 1) (list 1)) }}', '[[1]]'],
    ['{{ has (dict "a" 1) (list (dict "a" 1)) }}', 'true'],
    ['{{ sortAlpha (list "d" "3" "a" "Z" "é") }}', '[3 Z a d é]'],
    ['{{ sortAlpha "x" }}', '[x]'],
    ['{{ sortAlpha (list 3 1 2) }}', '[1 2 3]'],
  ]);
  assertFails([['{{ has 1 2 }}', 'error calling has: Cannot find has on type int']]);
});

test('text becomes lists and lists become text', () => {
  assertRenders([
    ['{{ split "$" "foo$bar$baz" }}', 'map[_0:foo _1:bar _2:baz]'],
    ['{{ (split "$" "foo$bar$baz")._1 }}', 'bar'],
    ['{{ splitList "," "a,b,c" }}', '[a b c]'],
    ['{{ splitn "$" 2 "foo$bar$baz" }}', 'map[_0:foo _1:bar$baz]'],
    ['{{ split "" "abc" }}', 'map[_0:a _1:b _2:c]'],
    ['{{ splitn "$" 0 "a$b" }}', 'map[]'],
    ['{{ splitn "$" -1 "a$b" }}', 'map[_0:a _1:b]'],
    ['{{ len (splitList "," "") }}', '1'],
    ['{{ len (splitList "" "") }}', '0'],
    ['{{ join "_" (list "a" 1 nil "b") }}', 'a_1_b'],
    ['{{ join "," "x" }}', 'x'],
    ['{{ join "," (splitList "-" "a-b") }}', 'a,b'],
    ['{{ join "," nil }}', ''],
    ['{{ join "-" (until 3) }}', '0-1-2'],
    ['{{ toStrings (list 1 "a" nil) }}', '[1 a]'],
    ['{{ toStrings "x" }}', '[x]'],
    ['{{ toStrings nil }}', '[]'],
  ]);
});
