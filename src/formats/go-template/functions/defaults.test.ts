import { test } from 'node:test';
import { assertFails, assertRenders } from '../../../testkit/render-template.ts';

test('defaults stand in for what is empty', () => {
  assertRenders([
    ['{{ .missing | default "d" }}', 'd'],
    ['{{ default "d" .e }}', 'd'],
    ['{{ default "d" .a }}', 'alpha'],
    ['{{ default 1 nil }}', '1'],
    ['{{ default "x" }}', 'x'],
    ['{{ coalesce 0 "" .a }}', 'alpha'],
    ['{{ coalesce }}', '<no value>'],
    ['{{ all 1 "x" }}', 'true'],
    ['{{ all }}', 'true'],
    ['{{ any 0 "" }}', 'false'],
    ['{{ any 0 1 }}', 'true'],
    ['{{ empty 0 }}', 'true'],
    ['{{ empty "x" }}', 'false'],
    ['{{ empty nil }}', 'true'],
    ['{{ empty list }}', 'true'],
    ['{{ ternary "y" "n" true }}', 'y'],
    ['{{ true | ternary "y" "n" }}', 'y'],
    ['{{ false | ternary "y" "n" }}', 'n'],
  ]);
  assertFails([['{{ fail "boom" }}', 'error calling fail: boom']]);
});

test('types have the names of Go', () => {
  assertRenders([
    ['{{ typeOf 1 }}', 'int'],
    ['{{ typeOf "x" }}', 'string'],
    ['{{ typeOf nil }}', '<nil>'],
    ['{{ typeOf 1.5 }}', 'float64'],
    ['{{ typeOf (list) }}', '[]interface {}'],
    ['{{ typeOf (dict) }}', 'map[string]interface {}'],
    ['{{ typeOf (add 1 1) }}', 'int64'],
    ['{{ typeOf true }}', 'bool'],
    ['{{ typeOf (splitList "," "a") }}', '[]string'],
    ['{{ typeOf (until 1) }}', '[]int'],
    ['{{ typeOf . }}', 'map[string]interface {}'],
    ['{{ typeOf (split "," "a") }}', 'map[string]string'],
    ['{{ typeOf (index "a" 0) }}', 'uint8'],
    ["{{ typeOf 'a' }}", 'int'],
    ['{{ typeOf (chunk 1 (list 1)) }}', '[][]interface {}'],
    ['{{ typeOf .missing }}', '<nil>'],
    ['{{ typeOf now }}', 'time.Time'],
    ['{{ typeOf (semver "1") }}', '*semver.Version'],
    ['{{ kindOf 1 }}', 'int'],
    ['{{ kindOf "x" }}', 'string'],
    ['{{ kindOf nil }}', 'invalid'],
    ['{{ kindOf (list) }}', 'slice'],
    ['{{ kindOf (dict) }}', 'map'],
    ['{{ kindOf 1.5 }}', 'float64'],
    ['{{ kindOf now }}', 'struct'],
    ['{{ kindOf (semver "1") }}', 'ptr'],
    ['{{ kindIs "string" "x" }}', 'true'],
    ['{{ typeIs "int" 1 }}', 'true'],
    ['{{ typeIs "int" (add 1) }}', 'false'],
    ['{{ typeIsLike "semver.Version" (semver "1") }}', 'true'],
    ['{{ deepEqual (list 1 2) (list 1 2) }}', 'true'],
    ['{{ deepEqual 1 1.0 }}', 'false'],
    ['{{ deepEqual 1 (add 0 1) }}', 'false'],
    ['{{ deepEqual (dict "a" (list)) (dict "a" (list)) }}', 'true'],
    ['{{ deepEqual nil nil }}', 'true'],
  ]);
});
