import { test } from 'node:test';
import { assertFails, assertRenders } from '../../testkit/render-template.ts';

test('text stays as it is, and trim markers take the space beside them', () => {
  assertRenders([
    ['text only', 'text only'],
    ['{{- .a -}}  x', 'alphax'],
    ['x  {{- .a -}}  x', 'xalphax'],
    ['x {{ .a -}}   \n y', 'x alphay'],
    ['  {{- "a" }}', 'a'],
    ['a\n  {{- /* c */ -}}  \ny', 'ay'],
    ['{{/* comment */}}x', 'x'],
    ['{{ 3 -}} x', '3x'],
    ['{{ "{{" }} }}', '{{ }}'],
    ['{ { .a } }', '{ { .a } }'],
    ['{{- -1 }}', '-1'],
  ]);
});

test('fields are looked up, and what is not there is no value', () => {
  assertRenders([
    ['{{ .a }}', 'alpha'],
    ['{{ .missing }}', '<no value>'],
    ['{{ .missing.deep.er }}', '<no value>'],
    ['{{ $.a }}', 'alpha'],
    ['{{ index . "p-q" }}', 'dash'],
    [
      '{{ . }}',
      'map[a:alpha b:Beta Gamma e: f:3.14 j:{"x":1,"y":[1,2.5,"z",null,true],"z":{"q":"<&>"}} m:l1\nl2\nl3 n:42 p-q:dash u:héllo wörld ✓]',
    ],
    ['{{ .e }}', ''],
    ['{{ (dict "x" (dict "y" 5)).x.y }}', '5'],
    ['{{ (index (list (dict "k" "v")) 0).k }}', 'v'],
    ['{{ (.a) }} {{ ((.a)) }}', 'alpha alpha'],
  ]);
  assertFails([
    ['{{ .a.b }}', "can't evaluate field b in type string"],
    ['{{ (dict "x" nil).x.y }}', 'nil pointer evaluating interface {}.y'],
    ['{{ (list 1 2).x }}', "can't evaluate field x in type []interface {}"],
    ['{{ .a "b" }}', 'a is not a method but has arguments'],
    ['{{ .a | .b }}', 'b is not a method but has arguments'],
  ]);
});

test('constants are written as in Go', () => {
  assertRenders([
    ['{{ 1 }} {{ 0x1F }} {{ 0o17 }} {{ 017 }} {{ 0b101 }} {{ 1_000 }} {{ -5 }} {{ +5 }}', '1 31 15 15 5 1000 -5 5'],
    ["{{ 'a' }} {{ '\\n' }} {{ '\\'' }} {{ '✓' }}", '97 10 39 10003'],
    ['{{ true }} {{ false }}', 'true false'],
    ['{{ "str\\tq\\"\\u00e9\\x41\\101" }} {{ `raw\\n` }}', 'str\tq"éAA raw\\n'],
    ['{{ 9223372036854775807 }}', '9223372036854775807'],
  ]);
  assertFails([
    ['{{ nil }}', 'nil is not a command'],
    ['{{ 9223372036854775808 }}', '9223372036854775808 overflows int'],
  ]);
});

test('floats print as short as they can, with exponents for large and small ones', () => {
  assertRenders([
    [
      '{{ 1.0 }} {{ 1e3 }} {{ 1e6 }} {{ 1e20 }} {{ 1e21 }} {{ 123456789.0 }} {{ 0.1 }} {{ 1e-4 }} {{ 1e-7 }} {{ .5 }} {{ 5. }} {{ 0x1p4 }} {{ 0x1.8p1 }} {{ 1562723913000.0 }}',
      '1 1000 1e+06 1e+20 1e+21 1.23456789e+08 0.1 0.0001 1e-07 0.5 5 16 3 1.562723913e+12',
    ],
    ['{{ float64 "inf" }} {{ float64 "-inf" }} {{ float64 "nan" }}', '+Inf -Inf NaN'],
  ]);
});

test('lists and maps print with their parts', () => {
  assertRenders([
    ['{{ list 1 "x" nil 1.5 true (list) (dict "b" 1 "a" nil) }}', '[1 x <nil> 1.5 true [] map[a:<nil> b:1]]'],
    ['{{ dict "b" 1 "a" (list "x y") }}', 'map[a:[x y] b:1]'],
  ]);
});

test('conditions choose by what counts as true', () => {
  assertRenders([
    [
      '{{ if .a }}yes{{ else }}no{{ end }} {{ if .e }}yes{{ else }}no{{ end }} {{ if .missing }}y{{ else if eq .a "alpha" }}elif{{ else }}n{{ end }}',
      'yes no elif',
    ],
    ['{{ if -1 }}a{{ end }}{{ if " " }}b{{ end }}{{ if list nil }}c{{ end }}', 'abc'],
    ['{{ with .a }}{{ . }}{{ end }}{{ with .e }}x{{ else }}else{{ end }}', 'alphaelse'],
    ['{{ with .e }}x{{ else with .b }}{{ . }}{{ end }}', 'Beta Gamma'],
    ['{{ with $x := .a }}{{ $x }}-{{ . }}-{{ $.n }}{{ end }}', 'alpha-alpha-42'],
    ['{{ if .e }}{{ if 1 }}a{{ end }}{{ else }}{{ if 1 }}b{{ end }}{{ end }}', 'b'],
  ]);
  assertFails([
    [
      '{{ if 0 }}a{{ else if 0.0 }}b{{ else if "" }}c{{ else if nil }}d{{ else if list }}e{{ else if dict }}f{{ else if false }}g{{ else }}h{{ end }}',
      'nil is not a command',
    ],
  ]);
});

test('ranges go through lists, maps in the order of their keys, and numbers', () => {
  assertRenders([
    ['{{ range list 1 2 3 }}{{ . }},{{ end }}', '1,2,3,'],
    ['{{ range $i, $e := list "a" "b" }}{{ $i }}:{{ $e }} {{ end }}', '0:a 1:b '],
    ['{{ range $e := list "a" "b" }}{{ $e }}{{ end }}', 'ab'],
    ['{{ range $k, $v := dict "b" 1 "a" 2 }}{{ $k }}{{ $v }}{{ end }}', 'a2b1'],
    ['{{ range dict "b" 1 "a" 2 }}{{ . }}{{ end }}', '21'],
    [
      '{{ range $k, $v := . }}{{ $k }}={{ $v }};{{ end }}',
      'a=alpha;b=Beta Gamma;e=;f=3.14;j={"x":1,"y":[1,2.5,"z",null,true],"z":{"q":"<&>"}};m=l1\nl2\nl3;n=42;p-q=dash;u=héllo wörld ✓;',
    ],
    ['{{ range list }}x{{ else }}empty{{ end }}', 'empty'],
    ['{{ range .missing }}x{{ else }}empty{{ end }}', 'empty'],
    ['{{ range 3 }}{{ . }}{{ end }}', '012'],
    ['{{ range $i := 3 }}{{ $i }}{{ end }}', '012'],
    ['{{ range 0 }}x{{ else }}none{{ end }}', 'none'],
    ['{{ range -3 }}x{{ else }}none{{ end }}', 'none'],
    ['{{ range list nil 1 }}{{ . }}|{{ end }}', '<no value>|1|'],
    [
      '{{ range until 5 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ if eq . 3 }}{{ break }}{{ end }}{{ . }}{{ end }}',
      '02',
    ],
    ['{{ range until 2 }}{{ range until 3 }}{{ if eq . 1 }}{{ break }}{{ end }}{{ . }}{{ end }};{{ end }}', '0;0;'],
    ['{{ range $i, $x := list 1 2 }}{{ if $i }}, {{ end }}{{ $x }}{{ else }}none{{ end }}', '1, 2'],
    ['{{ $x := list }}{{ range until 3 }}{{ $x = append $x . }}{{ end }}{{ $x }}', '[0 1 2]'],
    ['{{ $i := 9 }}{{ range $i = list 5 6 }}{{ end }}{{ $i }}', '6'],
  ]);
  assertFails([
    ['{{ range .a }}x{{ end }}', "range can't iterate over alpha"],
    ['{{ range 1.5 }}x{{ end }}', "range can't iterate over 1.5"],
    ['{{ range $i, $j := 3 }}x{{ end }}', "can't use 3 to iterate over more than one variable"],
    ['{{ range list nil }}{{ .x }}{{ end }}', 'nil pointer evaluating interface {}.x'],
  ]);
});

test('variables are those of their block', () => {
  assertRenders([
    [
      '{{ $x := 1 }}{{ $x }}{{ $x = 2 }}{{ $x }}{{ if true }}{{ $x := 3 }}{{ $x }}{{ $x = 4 }}{{ $x }}{{ end }}{{ $x }}',
      '12342',
    ],
    ['{{ $x := .a }}{{ if true }}{{ $x = "changed" }}{{ end }}{{ $x }}', 'changed'],
    ['{{ $x := 1 }}{{ $x := add $x 1 }}{{ $x }}', '2'],
    ['{{ $d := dict "k" "v" }}{{ $d.k }} {{ $d.zz }}', 'v <no value>'],
    ['{{ $x := 1 }}{{ range list 1 2 }}{{ $x = add $x . }}{{ end }}{{ $x }}', '4'],
  ]);
});

test('templates call each other, with variables of their own', () => {
  assertRenders([
    [
      '{{ define "T" }}<{{ . }}>{{ end }}{{ template "T" .a }}{{ template "T" }}{{ template "T" 5 }}',
      '<alpha><<no value>><5>',
    ],
    [
      '{{ $x := 1 }}{{ define "T" }}{{ $x := 2 }}{{ .a }}{{ $x }}{{ $.n }}{{ end }}{{ template "T" . }}{{ $x }}',
      'alpha2421',
    ],
    ['{{ block "B" .a }}[{{ . }}]{{ end }}', '[alpha]'],
    ['{{ block "B" . }}[{{ .a }}]{{ end }}', '[alpha]'],
    [
      '{{ define "R" }}{{ if gt . 0 }}{{ . }}{{ template "R" (int (sub . 1)) }}{{ end }}{{ end }}{{ template "R" 5 }}',
      '54321',
    ],
    ['{{ define "A" }} {{ end }}{{ define "A" }}2{{ end }}{{ template "A" }}', '2'],
    ['{{ template "A" }}{{ define "A" }}later{{ end }}', 'later'],
  ]);
  assertFails([['{{ template "nope" }}', 'template "nope" not defined']]);
});

test('a pipeline gives its value as the last argument', () => {
  assertRenders([
    ['{{ .a | upper }}', 'ALPHA'],
    ['{{ .a | printf "%s-%s" "x" }}', 'x-alpha'],
    ['{{ .a | upper | lower | title }}', 'Alpha'],
    ['{{ upper (printf "%s%s" .a .b) }}', 'ALPHABETA GAMMA'],
    ['{{ (.a | upper) | printf "%s" }}', 'ALPHA'],
    ['{{ printf (printf "%%s") .a }}', 'alpha'],
  ]);
  assertFails([['{{ "a" "b" }}', `can't give argument to non-function "a"`]]);
});

test('arguments have to be of the type that the function wants', () => {
  assertFails([
    ['{{ upper .missing }}', 'invalid value; expected string'],
    ['{{ .missing | upper }}', 'invalid value; expected string'],
    ['{{ upper 3 }}', 'expected string; found 3'],
    ['{{ upper nil }}', 'cannot assign nil to string'],
    ['{{ upper true }}', 'expected string; found true'],
    ['{{ upper }}', 'wrong number of args for upper: want 1 got 0'],
    ['{{ upper "a" "b" }}', 'wrong number of args for upper: want 1 got 2'],
    ['{{ default }}', 'wrong number of args for default: want at least 1 got 0'],
    ['{{ repeat "3" "ab" }}', 'expected integer; found "3"'],
    ['{{ repeat 1.5 "ab" }}', 'expected integer; found 1.5'],
    ['{{ repeat (add 1 2) "ab" }}', 'wrong type for value; expected int; got int64'],
    ['{{ ternary 1 2 "x" }}', 'expected bool; found "x"'],
    ['{{ keys .a }}', 'wrong type for value; expected map[string]interface {}; got string'],
    ['{{ unixEpoch 5 }}', "can't handle 5 for arg of type time.Time"],
    ['{{ unixEpoch .missing }}', 'invalid value; expected time.Time'],
    ['{{ range list nil }}{{ upper . }}{{ end }}', 'wrong type for value; expected string; got interface {}'],
  ]);
});
