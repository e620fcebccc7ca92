import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../../../base/parse-error.ts';
import { Labels } from '../../../model/labels.ts';
import { parseTargetGroups } from './target-groups.ts';

test('groups give targets in their order', () => {
  const yaml = '- targets: [a:1, "b:2"]\n  labels: {job: x, port: 80, ok: true}\n- targets: [c:3]\n- labels: {}\n';
  const json = JSON.stringify([
    { targets: ['a:1', 'b:2'], labels: { job: 'x', port: '80', ok: 'true' } },
    { targets: ['c:3'] },
    {},
  ]);
  for (const [file, text] of [
    ['/x.yml', yaml],
    ['/x.yaml', yaml],
    ['/x.json', json],
  ] as const) {
    const shared = { job: 'x', port: '80', ok: 'true', __meta_filepath: file };
    assert.deepEqual(parseTargetGroups(file, text), [
      Labels.fromRecord({ ...shared, __address__: 'a:1' }),
      Labels.fromRecord({ ...shared, __address__: 'b:2' }),
      Labels.fromRecord({ __address__: 'c:3', __meta_filepath: file }),
    ]);
  }
});

test('an empty file has no targets', () => {
  assert.deepEqual(parseTargetGroups('/x.yml', ''), []);
});

test('mistakes are told', () => {
  const cases: readonly [file: string, text: string, message: RegExp][] = [
    ['/x.txt', '[]', /^the name should end in \.json, \.yml or \.yaml$/],
    ['/x.json', '[', /JSON/],
    ['/x.yml', 'a: [', /./],
    ['/x.yml', 'a: b', /^should be a list of target groups$/],
    ['/x.yml', '- x', /^target group 0: should be an object$/],
    ['/x.yml', '- {}\n- target: [a]', /^target group 1: unknown field "target"$/],
    ['/x.yml', '- targets: a', /^target group 0: targets should be a list$/],
    ['/x.yml', '- targets: [[a]]', /^target group 0: targets should be strings$/],
    ['/x.yml', '- labels: [a]', /^target group 0: labels should be an object$/],
    ['/x.yml', '- labels: {a: [b]}', /^target group 0: label "a" should be a string$/],
  ];
  for (const [file, text, message] of cases) {
    const result = parseTargetGroups(file, text);
    assert.ok(result instanceof ParseError, text);
    assert.match(result.message, message);
  }
});
