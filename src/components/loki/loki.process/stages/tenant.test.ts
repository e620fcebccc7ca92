import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

const json = 'stage.json { expressions = { customer = "", nothing = "" } }';

test('the tenant comes from an extracted value, a label or the configuration', async () => {
  type Labels = Readonly<Record<string, string>>;
  const cases: readonly [tenant: string, line: string, labels: Labels, want: string | undefined][] = [
    ['source = "customer"', '{"customer":"one"}', {}, 'one'],
    ['source = "customer"', '{"customer":7}', {}, '7'],
    ['source = "customer"', '{"customer":"new"}', { __tenant_id__: 'old' }, 'new'],
    ['source = "customer"', '{"customer":""}', { __tenant_id__: 'old' }, 'old'],
    ['source = "customer"', '{}', { __tenant_id__: 'old' }, 'old'],
    ['source = "nothing"', '{"nothing":null}', { __tenant_id__: 'old' }, 'old'],
    ['source = "missing"', '{}', {}, undefined],
    ['source = "namespace"', '{}', { namespace: 'two' }, 'two'],
    ['label = "namespace"', '{}', { namespace: 'two' }, 'two'],
    ['label = "namespace"', '{}', { namespace: 'new', __tenant_id__: 'old' }, 'new'],
    ['label = "namespace"', '{}', { namespace: '', __tenant_id__: 'old' }, 'old'],
    ['label = "namespace"', '{}', { __tenant_id__: 'old' }, 'old'],
    ['label = "customer"', '{"customer":"one"}', {}, undefined],
    ['value = "fixed"', '{}', {}, 'fixed'],
    ['value = "fixed"', '{}', { __tenant_id__: 'old' }, 'fixed'],
    ['value = "fixed"\nlabel = ""\nsource = ""', '{}', {}, 'fixed'],
  ];
  for (const [tenant, line, labels, want] of cases) {
    const { entries } = await putThrough(lokiProcess, `${json}\nstage.tenant {\n${tenant}\n}`, { line, labels });
    const all = want === undefined ? labels : { ...labels, __tenant_id__: want };
    assert.deepEqual(entries[0]?.labels ?? {}, all, `${tenant} on ${line}`);
  }
});

test('each entry gets its own tenant', async () => {
  const { entries } = await putThrough(
    lokiProcess,
    'stage.tenant { label = "ns" }',
    { line: 'a', labels: { ns: '1' } },
    { line: 'b', labels: { ns: '2' } },
    { line: 'c' },
  );
  assert.deepEqual(
    entries.map(({ labels }) => labels?.['__tenant_id__']),
    ['1', '2', undefined],
  );
});

test('exactly one source of the tenant must be given', () => {
  const missing = '1:1: one of `label`, `source` and `value` is required';
  const several = '1:1: `label`, `source` and `value` are mutually exclusive';
  const cases: readonly [tenant: string, problem: string][] = [
    ['', missing],
    ['label = ""\nsource = ""\nvalue = ""', missing],
    ['label = "a"\nsource = "b"', several],
    ['label = "a"\nvalue = "b"', several],
    ['source = "a"\nvalue = "b"', several],
    ['label = "a"\nsource = "b"\nvalue = "c"', several],
  ];
  for (const [tenant, problem] of cases) {
    assert.deepEqual(problemsOf(lokiProcess, `stage.tenant {\n${tenant}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
  }
});
