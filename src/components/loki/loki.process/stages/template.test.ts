import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

const json = 'stage.json { expressions = { app = "", level = "", count = "", ratio = "", ok = "", none = "" } }';
const line = '{"app":"loki","level":"WARN","count":7,"ratio":2.50,"ok":true,"none":null}';

/** What the stage extracts, as a label; undefined if there is no value. */
async function outputOf(
  template: string,
  options: { source?: string; line?: string } = {},
): Promise<string | undefined> {
  const source = options.source ?? 'app';
  const stages = `
    ${json}
    stage.template {
      source   = "${source}"
      template = ${JSON.stringify(template)}
    }
    stage.labels { values = { out = "${source}" } }`;
  const { entries } = await putThrough(lokiProcess, stages, { line: options.line ?? line, labels: { pod: 'p-1' } });
  return entries[0]?.labels?.['out'];
}

test('a template sees extracted values, its source as Value, and the line as Entry', async () => {
  const cases: readonly [template: string, output: string][] = [
    ['{{ .Value | ToUpper }} doki', 'LOKI doki'],
    ['{{ .app }}/{{ .level | ToLower }}', 'loki/warn'],
    ['{{ .count }} {{ .ratio }} {{ .ok }}', '7 2.5 true'],
    ['{{ .none }} {{ .missing }}', '<no value> <no value>'],
    ['{{ .pod }}', 'p-1'],
    ['{{ index . "pod" }}{{ get . "app" }}{{ hasKey . "none" }}', 'p-1lokifalse'],
    ['{{ len .Entry }} {{ .Entry | trunc 14 }}', '74 {"app":"loki",'],
    ['{{ range $k, $v := . }}{{ if ne $k "Entry" }}{{ $k }}={{ $v }} {{ end }}{{ end }}', 'Value=loki app=loki count=7 level=WARN ok=true pod=p-1 ratio=2.5 '],
    ['{{ omit . "Entry" "Value" | toJson }}', '{"app":"loki","count":"7","level":"WARN","ok":"true","pod":"p-1","ratio":"2.5"}'],
    ['{{ if eq .level "WARN" "ERROR" }}bad{{ else }}good{{ end }}', 'bad'],
    ['{{ if gt (int .count) 5 }}many{{ end }}', 'many'],
    ['{{ .none | default "unknown" }} {{ default "-" .missing }}', 'unknown -'],
    ['{{ add 7 3 }}', '10'],
    ['{{ Sha2Hash "this is PII data" "salt" }}', '5526fd6f8ad457279cf8ff06453c6cb61bf479fa826e3b099caa6c846f9376f2'],
    ['{{ Hash "this is PII data" "salt" }}', '0807ea24e992127128b38e4930f7155013786a4999c73a25910318a793847658'],
    ['{{ regexReplaceAll "(Silly)" "Silly" "${1}foo" }}', 'Sillyfoo'],
    ['{{ regexReplaceAll "(o)k" .Value "${1}-" }}{{ regexReplaceAllLiteral "o" .Value "$1" }}', 'lo-il$1ki'],
    ['{{ Replace .Value "l" "L" 1 }} {{ Trim .Value "li" }} {{ TrimPrefix .Value "lo" }} {{ TrimSuffix .Value "ki" }}', 'Loki ok ki lo'],
    ['{{ .Entry | fromJson | dig "level" "none" }}', 'WARN'],
    ['{{ . | len }}', '8'],
  ]; // prettier-ignore
  for (const [template, output] of cases) assert.equal(await outputOf(template), output, template);
});

test('a value that is not there is made', async () => {
  assert.equal(await outputOf('TEST', { source: 'fresh' }), 'TEST');
  assert.equal(await outputOf('{{ .Value }}', { source: 'fresh' }), '<no value>');
  assert.equal(await outputOf('{{ .app }}-{{ .level }}', { source: 'none' }), 'loki-WARN');
});

test('empty output removes the value', async () => {
  assert.equal(await outputOf(''), undefined);
  assert.equal(await outputOf('{{ if eq .Value "other" }}x{{ end }}'), undefined);
  assert.equal(await outputOf('', { source: 'fresh' }), undefined);
  // Also where it is a label that counts as extracted.
  assert.equal(await outputOf('', { source: 'pod' }), undefined);
});

test('where a template fails, the value stays', async () => {
  const failing = [
    '{{ .missing | ToUpper }}',
    '{{ ToUpper .none }}',
    '{{ .app.name }}',
    '{{ regexReplaceAll "(" .Value "" }}',
    '{{ eq .app 1 }}',
    '{{ template "nothing" }}',
    '{{ ToUpper .app .level }}',
    'before {{ fail "on purpose" }}',
    '{{ range until 100000000 }}x{{ end }}',
    '{{ repeat 2000000000 .Entry }}',
    '{{ define "t" }}{{ template "t" . }}{{ end }}{{ template "t" . }}',
  ];
  for (const template of failing) {
    assert.equal(await outputOf(template), 'loki', template);
    assert.equal(await outputOf(template, { source: 'fresh' }), undefined, template);
  }
});

test('entries that come one after the other do not see values of each other', async () => {
  const stages = `
    ${json}
    stage.template {
      source   = "level"
      template = "{{ $x := .level }}{{ $x }}:{{ range $k, $v := . }}{{ if eq $k \\"app\\" }}{{ $v }}{{ end }}{{ end }}"
    }
    stage.labels { values = { out = "level" } }`;
  const { entries } = await putThrough(lokiProcess, stages, '{"level":"a","app":"1"}', '{"level":"b"}', 'none');
  assert.deepEqual(
    entries.map(({ labels }) => labels?.['out']),
    ['a:1', 'b:', '<no value>:'],
  );
});

test('values that only other templates read are extracted', async () => {
  const stages = `
    stage.regex { expression = "(?P<first>[a-z]+) (?P<second>[a-z]+)" }
    stage.template {
      source   = "both"
      template = "{{ .second }} {{ .first }}"
    }
    stage.template {
      source   = "line"
      template = "{{ .both | title }}!"
    }
    stage.output { source = "line" }`;
  const { entries } = await putThrough(lokiProcess, stages, 'hello world');
  assert.deepEqual(entries, [{ line: 'World Hello!' }]);
});

test('mistakes in the arguments are found where they are', () => {
  const cases: readonly [template: string, ...problems: string[]][] = [
    ['', '1:1: missing required attribute "source"', '1:1: missing required attribute "template"'],
    ['source = ""\ntemplate = "x"', '2:10: source must not be empty'],
    [
      'source = "a"\ntemplate = "{{ .Value | Upper }}"',
      '3:12: "{{ .Value | Upper }}" is not valid: template: pipeline_template:1: function "Upper" not defined',
    ],
    [
      'source = "a"\ntemplate = "{{ if .a }}"',
      '3:12: "{{ if .a }}" is not valid: template: pipeline_template:1: unexpected EOF',
    ],
    [
      'source = "a"\ntemplate = "a\\n{{ .a"',
      '3:12: "a\\n{{ .a" is not valid: template: pipeline_template:2: unclosed action',
    ],
  ];
  for (const [template, ...problems] of cases) {
    assert.deepEqual(
      problemsOf(lokiProcess, `stage.template {\n${template}\n}\nforward_to = [out]`),
      problems.map((problem) => `test.alloy:${problem}`),
    );
  }
});
