import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Labels } from '../../model/labels.ts';
import { relabel } from '../../model/relabel.ts';
import { targetCapsule } from '../../schema/targets.ts';
import { Capsule } from '../../syntax/value.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { discoveryRelabel } from './discovery.relabel.ts';

const rules = `
  rule {
    source_labels = ["__meta_pod"]
    regex         = "(.+)-.*"
    target_label  = "app.name"
  }
  rule {
    source_labels = ["keep"]
    regex         = "no"
    action        = "drop"
  }`;

test('targets are rewritten and dropped, and hidden labels stay', async () => {
  await using c = await runComponent(
    discoveryRelabel,
    `targets = [
       { "__meta_pod" = "web-1", "__address__" = "10.0.0.7:8080" },
       { "__meta_pod" = "db-1", keep = "no" },
       { port = 8080, on = true, empty = "" },
     ]
     ${rules}`,
  );
  assert.deepEqual(
    c.exports.output.map((target) => Object.fromEntries(target)),
    [
      { __address__: '10.0.0.7:8080', __meta_pod: 'web-1', 'app.name': 'web' },
      { on: 'true', port: '8080' },
    ],
  );
});

test('the rules are exported for other components', async () => {
  await using c = await runComponent(discoveryRelabel, `targets = []\n${rules}`);
  assert.deepEqual(c.exports.output, []);
  const labels = relabel(Labels.fromRecord({ __meta_pod: 'a-1' }), c.exports.rules, 'legacy');
  assert.deepEqual(labels && Object.fromEntries(labels), { __meta_pod: 'a-1' });
});

test('targets of other components are taken as they are', async () => {
  const target = Labels.fromRecord({ a: 'b' });
  const names = { found: [new Capsule(targetCapsule, target)] };
  await using c = await runComponent(discoveryRelabel, 'targets = found', { names });
  assert.equal(c.exports.output[0], target);
  await c.update('targets = array.concat(found, [{ c = "d" }])');
  assert.deepEqual(
    c.exports.output.map((labels) => labels.toString()),
    ['{a="b"}', '{c="d"}'],
  );
});

test('mistakes in the arguments are found where they are', () => {
  assert.deepEqual(problemsOf(discoveryRelabel, 'targets = [{ a = [] }]\nrule { action = "keepequal" }'), [
    'test.alloy:1:18: [] should be string, got array',
    "test.alloy:2:1: relabel configuration for keepequal action requires 'target_label' value",
  ]);
});
