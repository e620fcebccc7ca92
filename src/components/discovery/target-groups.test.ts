import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ParseError } from '../../base/parse-error.ts';
import type { YamlData } from '../../base/yaml.ts';
import { Labels } from '../../model/labels.ts';
import { targetsOfGroups } from './target-groups.ts';

const origin = ['__meta_url', 'http://a/'] as const;

test('groups give targets in their order', () => {
  const shared = { job: 'x', port: '80', ok: 'true', __meta_url: 'http://a/' };
  assert.deepEqual(
    targetsOfGroups(
      [
        { targets: ['a:1', 'b:2'], labels: { job: 'x', port: 80, ok: true } },
        { targets: ['c:3'] },
        {},
        { targets: null, labels: null },
      ],
      origin,
    ),
    [
      Labels.fromRecord({ ...shared, __address__: 'a:1' }),
      Labels.fromRecord({ ...shared, __address__: 'b:2' }),
      Labels.fromRecord({ __address__: 'c:3', __meta_url: 'http://a/' }),
    ],
  );
});

test('nothing is no target', () => {
  assert.deepEqual(targetsOfGroups(null, origin), []);
  assert.deepEqual(targetsOfGroups([], origin), []);
});

test('groups cannot say that they are from elsewhere', () => {
  const labels = { __meta_url: 'http://b/', __address__: 'b' };
  assert.deepEqual(targetsOfGroups([{ targets: ['a'], labels }], origin), [
    Labels.fromRecord({ __meta_url: 'http://a/', __address__: 'a' }),
  ]);
});

test('mistakes are told', () => {
  const cases: readonly [data: YamlData, message: string][] = [
    [{ a: 'b' }, 'should be a list of target groups'],
    ['a', 'should be a list of target groups'],
    [['x'], 'target group 0: should be an object'],
    [[{}, null], 'target group 1: should be an object'],
    [[{}, { target: ['a'] }], 'target group 1: unknown field "target"'],
    [[{ targets: 'a' }], 'target group 0: targets should be a list'],
    [[{ targets: [['a']] }], 'target group 0: targets should be strings'],
    [[{ labels: ['a'] }], 'target group 0: labels should be an object'],
    [[{ labels: { a: ['b'] } }], 'target group 0: label "a" should be a string'],
    [[{ labels: { '': 'b' } }], 'target group 0: label "" should be a string'],
  ];
  for (const [data, message] of cases) {
    const result = targetsOfGroups(data, origin);
    assert.ok(result instanceof ParseError, message);
    assert.equal(result.message, message);
  }
});
