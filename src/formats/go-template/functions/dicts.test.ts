import { test } from 'node:test';
import { assertFails, assertRenders } from '../../../testkit/render-template.ts';

test('maps are made, read and changed', () => {
  assertRenders([
    ['{{ dict "a" 1 "b" }}', 'map[a:1 b:]'],
    ['{{ dict 1 2 }}', 'map[1:2]'],
    ['{{ get (dict "a" 1) "a" }}', '1'],
    ['{{ get (dict "a" 1) "z" }}', ''],
    ['{{ get . "a" }}', 'alpha'],
    ['{{ hasKey (dict "a" nil) "a" }}', 'true'],
    ['{{ hasKey . "zz" }}', 'false'],
    ['{{ pluck "a" (dict "a" 1) (dict "b" 2) (dict "a" 3) }}', '[1 3]'],
    ['{{ keys (dict "a" 1) }}', '[a]'],
    ['{{ values (dict "a" 1) }}', '[1]'],
    ['{{ pick (dict "a" 1 "b" 2) "a" "z" }}', 'map[a:1]'],
    ['{{ omit (dict "a" 1 "b" 2) "a" }}', 'map[b:2]'],
    ['{{ unset (dict "a" 1 "b" 2) "a" }}', 'map[b:2]'],
  ]);
});

test('what is set in a map is seen by all who have it', () => {
  assertRenders([
    ['{{ $d := dict "a" 1 }}{{ $_ := set $d "b" 2 }}{{ $d }} {{ $_ = unset $d "a" }}{{ $d }}', 'map[a:1 b:2] map[b:2]'],
    ['{{ $_ := set . "new" "x" }}{{ .new }} {{ $.new }} {{ len . }}', 'x x 10'],
    [
      '{{ $x := dict }}{{ range $i, $c := splitList "" "hello" }}{{ $_ := set $x $c (add (default 0 (get $x $c)) 1) }}{{ end }}{{ $x }}',
      'map[e:1 h:1 l:2 o:1]',
    ],
  ]);
});

test('maps are merged', () => {
  assertRenders([
    ['{{ merge (dict "a" 1 "e" "") (dict "a" 2 "b" 3 "e" "x") }}', 'map[a:1 b:3 e:x]'],
    ['{{ mergeOverwrite (dict "a" 1) (dict "a" 2 "b" 3) }}', 'map[a:2 b:3]'],
    ['{{ merge (dict "n" (dict "x" 1)) (dict "n" (dict "x" 2 "y" 3)) }}', 'map[n:map[x:1 y:3]]'],
    ['{{ mergeOverwrite (dict "n" (dict "x" 1)) (dict "n" (dict "x" 2 "y" 3)) }}', 'map[n:map[x:2 y:3]]'],
    ['{{ merge (dict "a" (list)) (dict "a" (list 1)) }}', 'map[a:[1]]'],
    ['{{ merge (dict "a" (list 1)) (dict "a" (list 2)) }}', 'map[a:[1]]'],
    ['{{ mergeOverwrite (dict "a" "x") (dict "a" "") }}', 'map[a:]'],
    ['{{ mergeOverwrite (dict "a" (list 1)) (dict "a" (list 2)) }}', 'map[a:[2]]'],
    ['{{ merge (dict "a" "str") (dict "a" (dict "x" 1)) }}', 'map[a:str]'],
    ['{{ merge (dict "a" nil) (dict "a" 1) }}', 'map[a:1]'],
    ['{{ mergeOverwrite (dict "a" 1) (dict "a" nil) }}', 'map[a:<nil>]'],
    ['{{ merge (dict "a" 0) (dict "a" 5) }}', 'map[a:5]'],
  ]);
});

test('maps in maps are read and copied', () => {
  assertRenders([
    ['{{ dig "a" "b" "def" (dict "a" (dict "b" 1)) }}', '1'],
    ['{{ dig "a" "z" "def" (dict "a" (dict "b" 1)) }}', 'def'],
    ['{{ dig "x" "def" (dict) }}', 'def'],
    ['{{ deepCopy (dict "a" (list 1 2)) }}', 'map[a:[1 2]]'],
  ]);
  assertFails([['{{ dig "a" (dict) }}', 'error calling dig: dig needs at least three arguments']]);
});
