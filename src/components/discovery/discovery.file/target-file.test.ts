import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../../../base/parse-error.ts';
import { Labels } from '../../../model/labels.ts';
import { parseTargetFile } from './target-file.ts';

test('groups are read as JSON or YAML, and every target says which file it is from', () => {
  const yaml = '- targets: [a:1]\n  labels: {job: x}\n';
  const json = '[{"targets":["a:1"],"labels":{"job":"x"}}]';
  for (const [file, text] of [
    ['/x.yml', yaml],
    ['/x.yaml', yaml],
    ['/x.json', json],
  ] as const)
    assert.deepEqual(parseTargetFile(file, text), [
      Labels.fromRecord({ __address__: 'a:1', __meta_filepath: file, job: 'x' }),
    ]);
});

test('an empty file has no targets', () => {
  assert.deepEqual(parseTargetFile('/x.yml', ''), []);
});

test('mistakes are told', () => {
  const cases: readonly [file: string, text: string, message: RegExp][] = [
    ['/x.txt', '[]', /^the name should end in \.json, \.yml or \.yaml$/],
    ['/x.json', '[', /JSON/],
    ['/x.yml', 'a: [', /./],
    ['/x.yml', '- x', /^target group 0: should be an object$/],
  ];
  for (const [file, text, message] of cases) {
    const result = parseTargetFile(file, text);
    assert.ok(result instanceof ParseError, text);
    assert.match(result.message, message);
  }
});
