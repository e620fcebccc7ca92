import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../../base/parse-error.ts';
import { render } from '../../testkit/render-template.ts';
import { sprig } from './functions/sprig.ts';
import { compileTemplate } from './template.ts';

function problemOf(text: string): string | undefined {
  const result = compileTemplate(text, { name: 't', functions: sprig });
  return result instanceof ParseError ? result.message : undefined;
}

function check(cases: readonly (readonly [text: string, problem: string])[]): void {
  for (const [text, problem] of cases) assert.equal(problemOf(text), `template: t:${problem}`, text);
}

test('actions have to be complete', () => {
  check([
    ['{{ .a', '1: unclosed action'],
    ['{{ .a }', '1: unexpected "}" in operand'],
    ['x\n{{ .a\n', '3: unclosed action started at t:2'],
    ['{{/* unclosed', '1: unclosed comment'],
    ['{{ /* not a comment */ }}', '1: unexpected "/" in command'],
    ['{{/* c */ .a }}', '1: comment ends before closing delimiter'],
    ['{{}}', '1: missing value for command'],
    ['{{ }}', '1: missing value for command'],
    ['{{ | upper }}', '1: unexpected "|" in command'],
    ['{{ .a || .b }}', '1: unexpected "|" in command'],
    ['{{ .a, .b }}', '1: unexpected "," in operand'],
    ['{{ (.a }}', '1: unclosed left paren'],
    ['{{ .a) }}', '1: unexpected right paren'],
    ['{{ () }}', '1: missing value for parenthesized pipeline'],
    ['{{ "unclosed }}', '1: unterminated quoted string'],
    ['{{ `unclosed }}', '1: unterminated raw quoted string'],
    ["{{ 'x }}", '1: unterminated character constant'],
    ['{{ 3 - }} x', '1: illegal number syntax: "-"'],
    ['{{-.a }}', '1: bad number syntax: "-.a"'],
    ['{{ #x }}', '1: unexpected "#" in command'],
    ['{{ ☃ }}', "1: unrecognized character in action: U+2603 '☃'"],
    ['{{ @ }}', '1: unexpected "@" in command'],
    ['\n\n{{ nosuchfunc }}', '3: function "nosuchfunc" not defined'],
    ['{{ : }}', '1: expected :='],
    ['{{ .a\n| "x }}', '2: unterminated quoted string in action started at t:1'],
  ]);
});

test('blocks have to be closed, once', () => {
  check([
    ['{{ .a }} {{ end }}', '1: unexpected {{end}}'],
    ['{{ if .a }}', '1: unexpected EOF'],
    ['{{ if }}x{{ end }}', '1: missing value for if'],
    ['{{ else }}', '1: unexpected {{else}}'],
    ['{{ if .a }}{{ else }}{{ else }}{{ end }}', '1: expected end; found {{else}}'],
    ['{{ range .a }}{{ else if .b }}{{ end }}', '1: unexpected <if> in input'],
    ['{{ with .a }}{{ else if .b }}{{ end }}', '1: unexpected <if> in input'],
    ['{{ template }}', '1: unexpected "}}" in template clause'],
    ['{{ template foo }}', '1: unexpected "foo" in template clause'],
    ['{{ define "x" }}', '1: unexpected EOF'],
    ['{{ define x }}{{ end }}', '1: unexpected "x" in define clause'],
    ['{{ define "x" }}{{ else }}{{ end }}', '1: unexpected {{else}} in define clause'],
    ['{{ block "x" }}{{ end }}', '1: missing value for block clause'],
    ['{{ if .a }}{{ define "x" }}{{ end }}{{ end }}', '1: unexpected <define> in command'],
    ['{{ break }}', '1: {{break}} outside {{range}}'],
    ['{{ range .a }}{{ end }}{{ continue }}', '1: {{continue}} outside {{range}}'],
    ['{{ range . }}{{ break 1 }}{{ end }}', '1: unexpected "1" in {{break}}'],
    ['{{ end x }}', '1: unexpected "x" in end'],
    ['{{ range . }}{{ define "x" }}{{ break }}{{ end }}{{ end }}', '1: unexpected <define> in command'],
  ]);
});

test('operands have to make sense', () => {
  check([
    ['{{ a.b }}', '1: function "a" not defined'],
    ['{{ .a-b }}', "1: bad character U+002D '-'"],
    ['{{ 3.a }}', '1: bad number syntax: "3.a"'],
    ['{{ "s".x }}', '1: unexpected . after term "\\"s\\""'],
    ['{{ nil.x }}', '1: unexpected . after term "nil"'],
    ['{{ true.x }}', '1: unexpected . after term "true"'],
    ['{{ ..a }}', '1: unexpected . after term "."'],
    ['{{ .a..b }}', '1: unexpected <.> in operand'],
    ['{{ 1 | 2 }}', '1: non executable command in pipeline stage 2'],
    ['{{ "x" | upper | "y" }}', '1: non executable command in pipeline stage 3'],
    ['{{ 08 }}', '1: integer overflow: "08"'],
    ['{{ 1__0 }}', '1: illegal number syntax: "1__0"'],
    ['{{ 1_ }}', '1: illegal number syntax: "1_"'],
    ['{{ 18446744073709551616 }}', '1: integer overflow: "18446744073709551616"'],
    ["{{ 'ab' }}", "1: malformed character constant: 'ab'"],
    ['{{ 0x }}', '1: illegal number syntax: "0x"'],
    ['{{ + }}', '1: illegal number syntax: "+"'],
    ['{{ 1x }}', '1: bad number syntax: "1x"'],
    ['{{ upper"x" }}', `1: bad character U+0022 '"'`],
    ['{{ .a"x" }}', `1: bad character U+0022 '"'`],
    ['{{ 1.5.2 }}', '1: unexpected ".2" in operand'],
    ['{{ .verylongfieldname$ }}', "1: bad character U+0024 '$'"],
    ['{{ "a very long text" := 1 }}', '1: unexpected ":=" in operand'],
  ]);
});

test('variables have to be declared', () => {
  check([
    ['{{ $x = 3 }}', '1: undefined variable "$x"'],
    ['{{ $x := $x }}', '1: undefined variable "$x"'],
    ['{{ $x }}', '1: undefined variable "$x"'],
    ['{{ $x.y }}', '1: undefined variable "$x"'],
    ['{{ if 1 }}{{ $x := 1 }}{{ end }}{{ $x }}', '1: undefined variable "$x"'],
    ['{{ range $i, $_ := list 1 }}{{ end }}{{ $i }}', '1: undefined variable "$i"'],
    ['{{ with $x := 1 }}{{ else }}{{ end }}{{ $x }}', '1: undefined variable "$x"'],
    ['{{ $x := 1 }}{{ define "t" }}{{ $x }}{{ end }}', '1: undefined variable "$x"'],
    ['{{ $a, $b := 1 }}', '1: too many declarations in command'],
    ['{{ range $a, $b, $c := . }}{{ end }}', '1: too many declarations in range'],
    ['{{ range $a, 1 := . }}{{ end }}', '1: range can only initialize variables'],
    ['{{ $x := }}', '1: missing value for command'],
    ['{{ := 3 }}', '1: unexpected ":=" in command'],
    ['{{ $x : 3 }}', '1: undefined variable "$x"'],
    ['{{ 1 := 2 }}', '1: unexpected ":=" in operand'],
  ]);
});

test('nesting has a limit', () => {
  assert.match(problemOf('{{ if 1 }}'.repeat(100_000)) ?? '', /nested too deeply/);
  assert.match(problemOf(`{{ ${'('.repeat(100_000)}1${')'.repeat(100_000)} }}`) ?? '', /max expression depth exceeded/);
  assert.match(problemOf(`{{ if 1 }}${'{{ else if 1 }}'.repeat(100_000)}{{ end }}`) ?? '', /nested too deeply/);
  assert.equal(render(`${'{{ if 1 }}'.repeat(400)}x${'{{ end }}'.repeat(400)}`), 'x');
  assert.equal(render(`{{ ${'('.repeat(400)}1${')'.repeat(400)} }}`), '1');
});

test('functions that would take too long for log lines are not there', () => {
  for (const name of ['bcrypt', 'htpasswd', 'genCA', 'genPrivateKey', 'derivePassword', 'getHostByName']) {
    assert.equal(problemOf(`{{ ${name} }}`), `template: t:1: function "${name}" not defined`);
  }
});
