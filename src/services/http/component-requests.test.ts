import assert from 'node:assert/strict';
import { test } from 'node:test';
import { component, type AnyComponent } from '../../component/component.ts';
import { Runtime } from '../../runtime/runtime.ts';
import { string } from '../../schema/attributes.ts';
import { oneLine } from '../../syntax/diagnostic.ts';
import { runtimeOptions } from '../../testkit/runtime-options.ts';
import { askComponent } from './component-requests.ts';

const page = component({
  name: 'test.page',
  stability: 'generally-available',
  isLabelOptional: true,
  doc: 'Answers with a text.',
  example: '',
  arguments: { text: string('The text.') },
  exports: {},
  metrics: {},
  build: ({ args }) => ({
    exports: {},
    handle: ({ path, query }) =>
      Promise.resolve({ status: 200, headers: {}, body: `${args.text} ${path} ${query.toString()}` }),
  }),
});
const silent = component({
  name: 'test.silent',
  stability: 'generally-available',
  doc: 'Answers nothing.',
  example: '',
  arguments: {},
  exports: {},
  metrics: {},
  build: () => ({ exports: {} }),
});

const config = (text: string): string => `
  test.page "a" {
    text = "${text}"
  }
  test.silent "s" { }
  declare "pair" {
    test.page "inner" {
      text = "inner"
    }
  }
  pair "p" { }
`;

async function load(runtime: Runtime, text: string): Promise<void> {
  const { isLoaded } = await runtime.load({ sources: [{ name: 'a.alloy', text }], modulePath: '/' });
  assert.ok(isLoaded);
}

test('a component answers what is below its ID, also in modules, and after a reload with its new arguments', async () => {
  const specs: readonly AnyComponent[] = [page, silent];
  const runtime = new Runtime(runtimeOptions(new Map(specs.map((spec) => [spec.name, spec]))));
  const ask = async (path: string): Promise<unknown> => {
    const { signal } = new AbortController();
    const request = { method: 'GET', path: 'whole', query: new URLSearchParams('q=1'), headers: {}, signal };
    return (await askComponent(runtime.root, request, path))?.body;
  };
  await load(runtime, config('first'));
  assert.equal(await ask('test.page.a/metrics'), 'first metrics q=1');
  assert.equal(await ask('test.page.a/b/c'), 'first b/c q=1');
  assert.equal(await ask('test.page.a/'), 'first  q=1');
  assert.equal(await ask('pair.p/test.page.inner/metrics'), 'inner metrics q=1');
  for (const path of ['test.page.a', 'test.nothing.a/metrics', 'test.silent.s/metrics', 'pair.p/metrics', '', '/'])
    assert.equal(await ask(path), undefined, path);
  await load(runtime, config('second'));
  assert.equal(await ask('test.page.a/metrics'), 'second metrics q=1');
  await load(runtime, 'test.page {\n text = "unlabelled"\n}');
  assert.equal(await ask('test.page/metrics'), 'unlabelled metrics q=1');
  await runtime.stop(1000);
});

test('a component without a label cannot stand beside one with a label', async () => {
  const runtime = new Runtime(runtimeOptions(new Map<string, AnyComponent>([[page.name, page]])));
  const text = 'test.page "a" {\n text = "x"\n}\ntest.page {\n text = "y"\n}';
  const diagnostics = await runtime.check({ sources: [{ name: 'a.alloy', text }], modulePath: '/' });
  assert.deepEqual(diagnostics.map(oneLine), ['a.alloy:4:1: block test.page needs a label beside others of its kind']);
});
