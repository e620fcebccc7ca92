import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricWriter } from '../../../formats/otlp/metric-writer.ts';
import { Labels } from '../../../model/labels.ts';
import { readOtlpBatch } from '../../../testkit/otlp-reference.ts';
import { targetResource } from './target-resource.ts';

type LabelRecord = Readonly<Record<string, string>>;

/** The attributes of the resource, as the reference reads them. */
function attributesOf(job: string, instance: string, info: LabelRecord, target: LabelRecord): LabelRecord {
  const writer = new MetricWriter();
  const resource = targetResource(job, instance, new Map(Object.entries(info)), Labels.fromRecord(target));
  writer.resource(resource);
  writer.scope('scope');
  writer.gauge({ name: 'm', description: '', unit: '' });
  writer.doublePoint({ attributes: { ...resource, end: resource.start }, startTime: 0, time: 1 }, 1);
  const batch = writer.finish();
  assert.ok(batch !== undefined);
  const { resourceMetrics } = readOtlpBatch(batch) as {
    resourceMetrics: { resource?: { attributes?: { key: string; value: { stringValue: string } }[] } }[];
  };
  const pairs = resourceMetrics[0]?.resource?.attributes ?? [];
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value.stringValue]));
}

const kubernetes = (labels: LabelRecord): LabelRecord =>
  Object.fromEntries(Object.entries(labels).map(([name, value]) => [`__meta_kubernetes_${name}`, value]));

const cases: readonly [what: string, target: LabelRecord, expected: LabelRecord][] = [
  ['the scheme', { __scheme__: 'https' }, { 'url.scheme': 'https', 'http.scheme': 'https' }],
  [
    'a pod',
    kubernetes({ pod_name: 'p', pod_uid: 'u', pod_container_name: 'c', namespace: 'n', pod_node_name: 'a', node_name: 'b' }),
    { 'k8s.pod.name': 'p', 'k8s.pod.uid': 'u', 'k8s.container.name': 'c', 'k8s.namespace.name': 'n', 'k8s.node.name': 'a' },
  ],
  ['a node', kubernetes({ node_name: 'b' }), { 'k8s.node.name': 'b' }],
  ['an endpoint', kubernetes({ endpoint_node_name: 'e' }), { 'k8s.node.name': 'e' }],
  ...(['ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job', 'CronJob'] as const).map(
    (kind): [string, LabelRecord, LabelRecord] => [
      kind,
      kubernetes({ pod_controller_kind: kind, pod_controller_name: 'x' }),
      { [`k8s.${kind.toLowerCase()}.name`]: 'x' },
    ],
  ),
  ['another controller', kubernetes({ pod_controller_kind: 'Rollout', pod_controller_name: 'x' }), {}],
  ['a controller without a name', kubernetes({ pod_controller_kind: 'Job' }), {}],
]; // prettier-ignore

for (const [what, target, expected] of cases) {
  test(`what discovery says of ${what} becomes attributes`, () => {
    assert.deepEqual(attributesOf('', '', {}, target), expected);
  });
}

test('a job and an instance that samples do not say are those of the target, and target_info counts more than all', () => {
  const target = { job: 'of target', instance: 'localhost:1', __scheme__: 'http' };
  const ofInstance = { 'server.port': '1', 'net.host.port': '1', 'url.scheme': 'http', 'http.scheme': 'http' };
  assert.deepEqual(attributesOf('', '', {}, target), {
    'service.name': 'of target',
    'service.instance.id': 'localhost:1',
    ...ofInstance,
  });
  assert.deepEqual(attributesOf('own', 'localhost:2', { 'url.scheme': 'of info', more: 'm' }, target), {
    'service.name': 'own',
    'service.instance.id': 'localhost:2',
    ...ofInstance,
    'server.port': '2',
    'net.host.port': '2',
    'url.scheme': 'of info',
    more: 'm',
  });
});
