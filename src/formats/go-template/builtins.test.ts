import { test } from 'node:test';
import { assertFails, assertRenders } from '../../testkit/render-template.ts';

test('and, or and not decide by what counts as true', () => {
  assertRenders([
    [
      '{{ and 1 0 2 }} {{ and 1 2 }} {{ or 0 "" "x" }} {{ or 0 "" }} {{ not 1 }} {{ not nil }} {{ not .missing }}',
      '0 2 x  false true true',
    ],
    [
      '{{ and true .a }} {{ or .missing "d" }} {{ and .missing "x" }} {{ 1 | and 2 }} {{ "" | or 0 }}',
      'alpha d <no value> 1 ',
    ],
    ['{{ or true (fail "x") }} {{ and false (fail "x") }}', 'true false'],
  ]);
  assertFails([['{{ and true (fail "x") }}', 'error calling fail: x']]);
});

test('comparisons are for values of the same kind', () => {
  assertRenders([
    [
      '{{ eq 1 1 }} {{ eq 1 2 }} {{ eq 1 2 1 }} {{ eq "a" "a" }} {{ eq 1.5 1.5 }} {{ eq true true }} {{ eq "a" "b" "c" "a" }}',
      'true false true true true true true',
    ],
    [
      '{{ eq 1 (add 0 1) }} {{ eq (index .a 0) 97 }} {{ lt (index .a 0) 98 }} {{ eq 97 (index .a 0) }}',
      'true true true true',
    ],
    [
      '{{ eq .missing "a" }} {{ eq .missing nil }} {{ eq nil nil }} {{ eq .a .missing }} {{ eq .missing 1 }}',
      'false true true false false',
    ],
    [
      '{{ ne 1 2 }} {{ ne "a" "a" }} {{ lt 1 2 }} {{ le 2 2 }} {{ gt 2 1 }} {{ ge 1 2 }} {{ lt "a" "b" }} {{ lt 1.5 2.5 }} {{ gt "b" "a" }} {{ lt "é" "z" }} {{ ge 2 2 }}',
      'true false true true true false true true true false true',
    ],
  ]);
  assertFails([
    ['{{ eq "a" 1 }}', 'error calling eq: incompatible types for comparison: string and int'],
    ['{{ eq 1 1.0 }}', 'error calling eq: incompatible types for comparison: int and float64'],
    ['{{ eq 1 }}', 'error calling eq: missing argument for comparison'],
    ['{{ lt 1 2.0 }}', 'error calling lt: incompatible types for comparison: int and float64'],
    ['{{ lt true false }}', 'error calling lt: invalid type for comparison'],
    ['{{ lt .missing 1 }}', 'error calling lt: invalid type for comparison'],
    ['{{ eq (list) (list) }}', 'error calling eq: non-comparable type []: []interface {}'],
    ['{{ eq (dict) (dict) }}', 'error calling eq: non-comparable type map[]: map[string]interface {}'],
  ]);
});

test('lengths, indexes and slices count bytes of text', () => {
  assertRenders([
    ['{{ len .a }} {{ len .u }} {{ len . }} {{ len (list 1 2) }} {{ len (dict "a" 1) }}', '5 17 9 2 1'],
    [
      '{{ index .a 0 }} {{ index .u 1 }} {{ index (list 1 2 3) 1 }} {{ index (list (list 1 2)) 0 1 }} {{ index (dict "a" (list 5)) "a" 0 }} {{ index . "nope" }} {{ index (list 1) }}',
      '97 195 2 2 5 <no value> [1]',
    ],
  ]);
  assertFails([
    ['{{ len 3 }}', 'error calling len: len of type int'],
    ['{{ index .a 9 }}', 'error calling index: index out of range: 9'],
    ['{{ index (list 1 2 3) -1 }}', 'error calling index: index out of range: -1'],
    ['{{ index .missing 1 }}', 'error calling index: index of untyped nil'],
    ['{{ index . 1 }}', 'error calling index: value has type int; should be string'],
    ['{{ index (list 1) "0" }}', 'error calling index: cannot index slice/array with type string'],
    ['{{ index (list 1) nil }}', 'error calling index: cannot index slice/array with nil'],
    ['{{ index 3 1 }}', "error calling index: can't index item of type int"],
    ['{{ call nil }}', 'error calling call: call of nil'],
  ]);
});

test('print puts spaces between values that are no text', () => {
  assertRenders([
    ['{{ print "a" "b" 1 2 true nil 1.5 }}', 'ab1 2 true <nil> 1.5'],
    ['{{ print 1 2 "a" 3 4 }}', '1 2a3 4'],
    ['{{ print .missing }}', '<nil>'],
    ['{{ println "a" 1 nil }}', 'a 1 <nil>\n'],
    ['{{ print (list) (dict) }}', '[] map[]'],
  ]);
});

test('printf knows the verbs of Go', () => {
  assertRenders([
    ['{{ printf "%s %d %v %q %T" .a 3 4.5 "x" 7 }}', 'alpha 3 4.5 "x" int'],
    [
      '{{ printf "%5.2f|%-8s|%08b|%x|%X|%c|%U" 3.14159 "ab" 5 255 "hi" 65 9731 }}',
      ' 3.14|ab      |00000101|ff|6869|A|U+2603',
    ],
    [
      '{{ printf "%d" "x" }} {{ printf "%d" }} {{ printf "a" 1 2 }}',
      '%!d(string=x) %!d(MISSING) a%!(EXTRA int=1, int=2)',
    ],
    ['{{ printf "%v %v %v" nil true (list 1 "a" nil 2.5) }}', '<nil> true [1 a <nil> 2.5]'],
    [
      '{{ printf "%v %+v %#v" (dict "a" 1 "b" (list "x")) (dict "a" 1) (list 1 "x") }}',
      'map[a:1 b:[x]] map[a:1] []interface {}{1, "x"}',
    ],
    ['{{ printf "%d %T %T %T" (add 1 2) (add 1 2) 1 1.0 }}', '3 int64 int float64'],
    ['{{ printf "%s %q" (list "a" "b") (list "a" "b") }}', '[a b] ["a" "b"]'],
    ['{{ printf "%s|%v|%d" .missing .missing .missing }}', '%!s(<nil>)|<nil>|%!d(<nil>)'],
    ['{{ printf "%*d|%[2]d|%.2s" 5 42 "abc" }}', '   42|42|ab'],
    ['{{ printf "%6.3v|%t|%e|%g" 3.14159 true 123456.789 1e21 }}', '  3.14|true|1.234568e+05|1e+21'],
    [
      '{{ printf "%x %X % x %#x" "hello" "hello" "hello" "hello" }}',
      '68656c6c6f 68656C6C6F 68 65 6c 6c 6f 0x68656c6c6f',
    ],
    ['{{ printf "%.1f%%" 99.44 }}', '99.4%'],
  ]);
});

test('html, js and urlquery escape', () => {
  assertRenders([
    [
      '{{ html "<a href=\'x\'>\\"&" }} {{ html .missing }} {{ html 1 2 }} {{ html (list "<") }}',
      '&lt;a href=&#39;x&#39;&gt;&#34;&amp; &lt;no value&gt; 1 2 [&lt;]',
    ],
    ['{{ js "it\'s <b>\\n\\t=é\\u2028\\"\\\\" }}', 'it\\\'s \\u003Cb\\u003E\\u000A\\u0009\\u003Dé\\u2028\\"\\\\'],
    [`{{ urlquery "a b&c/é!*'()~" }} {{ urlquery 1 "a" }}`, 'a+b%26c%2F%C3%A9%21%2A%27%28%29~ 1a'],
  ]);
});
