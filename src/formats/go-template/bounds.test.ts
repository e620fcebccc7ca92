import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../../base/parse-error.ts';
import { render, templateData } from '../../testkit/render-template.ts';
import { builtins } from './builtins.ts';
import { sprig } from './functions/sprig.ts';
import { compileTemplate, TemplateError } from './template.ts';

test('templates that would do too much end with an error', () => {
  const hostile = [
    '{{ range 1000000000000 }}{{ end }}',
    '{{ range until 100000000 }}x{{ end }}',
    '{{ until 9223372036854775807 }}',
    '{{ untilStep -9223372036854775807 9223372036854775807 1 | len }}',
    '{{ seq 0 100000000 }}',
    '{{ repeat 1000000000 "x" }}',
    '{{ repeat 9223372036854775807 "x" }}',
    '{{ indent 1000000000 "x" }}',
    '{{ randAlpha 1000000000 }}',
    '{{ randBytes 1000000000 }}',
    '{{ $x := "x" }}{{ range 100 }}{{ $x = cat $x $x }}{{ end }}{{ len $x }}',
    '{{ $x := "x" }}{{ range 100 }}{{ $x = replace "x" "xxxxxxxx" $x }}{{ end }}{{ len $x }}',
    '{{ $x := list 1 }}{{ range 100 }}{{ $x = concat $x $x }}{{ end }}{{ len $x }}',
    '{{ $x := list 1 }}{{ range 60 }}{{ $x = list $x $x }}{{ end }}{{ $x }}',
    '{{ $x := list 1 }}{{ range 60 }}{{ $x = list $x $x }}{{ end }}{{ toJson $x }}',
    '{{ $x := list 1 }}{{ range 60 }}{{ $x = list $x $x }}{{ end }}{{ deepEqual $x (deepCopy $x) }}',
    '{{ $x := list 1 }}{{ range 60 }}{{ $x = list $x $x }}{{ end }}{{ printf "%d" $x }}',
    '{{ $x := list 1 }}{{ range 60 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ merge (dict "a" (dict "a" 1)) $x }}{{ $x }}',
    '{{ $x := list }}{{ range 100000 }}{{ $x = append $x . }}{{ end }}{{ len $x }}',
    `{{ printf "${'%999999[1]d'.repeat(40)}" 1 }}`,
    '{{ $s := repeat 1000000 "a" }}{{ range 1000 }}{{ $_ := regexMatch "(a*)*b" $s }}{{ end }}',
    '{{ $s := repeat 100000 "a " }}{{ range 1000 }}{{ $_ := snakecase $s }}{{ end }}',
    '{{ range $i := 1000000 }}{{ $_ := regexMatch (printf "a{%d}" $i) "a" }}{{ end }}',
    '{{ $s := repeat 1000000 "a" }}{{ $s | replace "a" $s }}',
    '{{ $s := repeat 1000000 "a" }}{{ join $s (splitList "" $s) }}',
    '{{ $s := repeat 1000000 "a" }}{{ regexReplaceAll "a" $s $s }}',
    '{{ $s := repeat 1000000 " " }}{{ trim (cat "x" $s "x") | len }}{{ wrap 1 $s | len }}{{ range 100 }}{{ $_ := trim $s }}{{ end }}',
    '{{ uniq (until 100000) }}',
  ]; // prettier-ignore
  for (const text of hostile) assert.match(render(text), /: the template does too much work$/, text);
});

test('templates that call each other without end, and data without end, end with an error', () => {
  const cases: readonly [template: string, problem: RegExp][] = [
    ['{{ define "r" }}{{ template "r" }}{{ end }}{{ template "r" }}', /exceeded maximum template depth/],
    ['{{ define "a" }}{{ template "b" }}{{ end }}{{ define "b" }}{{ template "a" }}{{ end }}{{ template "a" }}', /exceeded maximum template depth/],
    [`{{ define "r" }}${'{{ if 1 }}'.repeat(400)}{{ template "r" }}${'{{ end }}'.repeat(400)}{{ end }}{{ template "r" }}`, /exceeded maximum template depth/],
    [`{{ define "r" }}{{ ${'(print '.repeat(400)}1${')'.repeat(400)} }}{{ template "r" }}{{ end }}{{ template "r" }}`, /exceeded maximum template depth/],
    ['{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ $d }}', /the data is nested too deeply/],
    ['{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ toJson $d }}', /the data is nested too deeply/],
    ['{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ deepCopy $d }}', /the data is nested too deeply/],
    ['{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ printf "%s" $d }}', /the data is nested too deeply/],
    ['{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ mergeOverwrite $d (dict "self" $d) }}', /the data is nested too deeply/],
    ['{{ $d := dict }}{{ $_ := set $d "s" $d }}{{ $e := dict }}{{ $_ := set $e "s" $e }}{{ deepEqual $d $e }}', /the data is nested too deeply/],
    ['{{ fromJson (repeat 100000 "[") }}{{ fromJson (cat (repeat 1000 "[") (repeat 1000 "]")) }}', /the data is nested too deeply/],
    ['{{ $x := list }}{{ range 1000 }}{{ $x = list $x }}{{ end }}{{ $x }}', /the data is nested too deeply/],
  ]; // prettier-ignore
  for (const [template, problem] of cases) assert.match(render(template), problem, template);
});

test('every execution has the same work before it', () => {
  const template = '{{ range 1000 }}{{ repeat 10000 "x" | trunc 1 }}{{ end }}';
  for (let round = 0; round < 5; round++) assert.equal(render(template), 'x'.repeat(1000));
});

const names = Object.keys({ ...builtins, ...sprig });

const operands = `
  .a;.n;.u;.j;.missing;.missing.x;.;$;$v;$w;nil;true;0;1;-1;2.5;1e300;9223372036854775807;-9223372036854775808;'c';
  "x";"";"%v%d%[2]*s";"\u{1f600}";\`(\\w)+\`;(list 1 "a" nil);(dict "a" 1);(until 3);(splitList "," "a,b");(add 1 2);
  (fromJson .j);now;(toDate "2006" "2020");(semver "1.2.3");(index .a 0);(dict "k" (list (dict "l" nil)));(list)`;

const operand = fc.constantFrom(...operands.split(';').map((text) => text.trim()));

const { statement } = fc.letrec<{ pipeline: string; body: string; statement: string }>((tie) => ({
  pipeline: fc
    .array(
      fc.oneof(
        { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...names), fc.array(operand, { maxLength: 4 })) },
        { weight: 1, arbitrary: fc.tuple(operand, fc.constant([])) },
      ),
      { minLength: 1, maxLength: 3 },
    )
    .map((commands) => commands.map(([first, args]) => [first, ...args].join(' ')).join(' | ')),
  body: fc.array(tie('statement'), { maxLength: 2 }).map((statements) => statements.join('')),
  statement: fc.oneof(
    { depthSize: 'small' },
    tie('pipeline').map((pipeline) => `{{ ${pipeline} }}`),
    tie('pipeline').map((pipeline) => `{{- $v = ${pipeline} -}}`),
    fc.tuple(tie('pipeline'), tie('body')).map(([pipeline, body]) => `{{ if ${pipeline} }}${body}{{ end }}`),
    fc.tuple(tie('pipeline'), tie('body')).map(([pipeline, body]) => `{{ with ${pipeline} }}${body}{{ else }}e{{ end }}`),
    fc.tuple(tie('pipeline'), tie('body')).map(([pipeline, body]) => `{{ range $v, $w = ${pipeline} }}${body}{{ end }}`),
    fc.tuple(tie('pipeline'), tie('body')).map(([pipeline, body]) => `{{ block "b" ${pipeline} }}${body}{{ end }}`),
  ),
})); // prettier-ignore

/** Either text or one of the errors that templates know; anything that a function throws by mistake shows as a cause. */
function assertKnownResult(text: string, data: Readonly<Record<string, string>>): void {
  const template = compileTemplate(text, { name: 't', functions: sprig });
  if (template instanceof ParseError) return;
  const result = template.execute({
    get: (field) => (Object.hasOwn(data, field) ? data[field] : undefined),
    all: () => new Map(Object.entries(data)),
  });
  if (result instanceof TemplateError) {
    assert.match(result.message, /^template: t:\d+:\d+: executing /);
    assert.equal(result.cause, undefined, text);
  } else {
    assert.equal(typeof result, 'string');
    assert.ok(result.isWellFormed(), text);
  }
}

test('no template throws anything on any data', () => {
  const data = fc.record({ a: fc.string({ unit: 'binary' }), n: fc.oneof(fc.integer(), fc.double()).map(String) });
  const property = fc.property(statement, data, (text, { a, n }) => {
    assertKnownResult(`{{ $v := 1 }}{{ $w := 2 }}${text}`, { ...templateData, a: a.toWellFormed(), n });
  });
  fc.assert(property, { numRuns: 3000 });
});

test('no text makes the parser throw', () => {
  const symbols = '{{ }} {{- -}} /* */ ( ) | , := = . $ $x .a " ` \' \\ 1 0x e - + é \u{1f600} \0 \n';
  const words = 'if;else;end;range;with;define "x";template "x";block "x" .a;break;nil;true;print';
  const pieces = fc.constantFrom(' ', ...symbols.split(' '), ...words.split(';').map((word) => ` ${word} `));
  const text = fc.array(pieces, { maxLength: 30 }).map((all) => all.join(''));
  fc.assert(
    fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (source) => assertKnownResult(source, templateData)),
    { numRuns: 3000 },
  );
});
