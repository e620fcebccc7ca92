import assert from 'node:assert/strict';
import type { Stability } from '../base/stability.ts';
import type { ConfigBlockSpec } from '../runtime/config-block.ts';
import { ComponentNode } from '../runtime/nodes/component-node.ts';
import type { InnerModule, Node } from '../runtime/node.ts';
import { Runtime, type LoadResult } from '../runtime/runtime.ts';
import { oneLine } from '../syntax/diagnostic.ts';
import { showValue } from '../syntax/show-value.ts';
import { runtimeOptions } from './runtime-options.ts';
import { wordComponents, type WordComponents } from './word-components.ts';

/** A runtime with components for words, for tests of everything around components. */
export interface WordRuntime extends AsyncDisposable {
  readonly toys: WordComponents;
  readonly runtime: Runtime;
  /** Loads a configuration of one or more files, named `0.alloy` and so on. */
  load(...texts: string[]): Promise<LoadResult>;
  check(text: string): Promise<string[]>;
  /** The exports of a component, by its global ID, as text. */
  exportsOf(id: string): string;
  /** `state: message` of a component. */
  healthOf(id: string): string;
  /** `state: message` of a node at the top level that is no component. */
  nodeHealth(id: string): string;
}

export function startRuntime(
  options: { readonly level?: Stability; readonly configBlocks?: readonly ConfigBlockSpec[] } = {},
): WordRuntime {
  const toys = wordComponents();
  const { level = 'generally-available', configBlocks = [] } = options;
  const runtime = new Runtime(runtimeOptions(toys.components, { configBlocks, level }));
  const config = (texts: readonly string[]) => ({
    sources: texts.map((text, index) => ({ name: `${index}.alloy`, text })),
    modulePath: '/etc',
  });
  const node = (id: string): ComponentNode => {
    const found = nodesIn(runtime.root).find((candidate) => candidate.globalId === id);
    assert.ok(found, `there is no component ${id}`);
    return found;
  };
  return {
    toys,
    runtime,
    load: (...texts) => runtime.load(config(texts)),
    check: async (text) => (await runtime.check(config([text]))).map(oneLine),
    exportsOf: (id) => showValue(node(id).inspect().exports),
    healthOf(id) {
      const { state, message } = node(id).health();
      return `${state}: ${message}`;
    },
    nodeHealth(id) {
      const health = runtime.root
        .nodes()
        .find(({ node: candidate }) => candidate.id === id)
        ?.node.health?.();
      return `${health?.state}: ${health?.message}`;
    },
    async [Symbol.asyncDispose]() {
      await runtime.stop(1000);
    },
  };
}

/** Loads a configuration that must be right. */
export async function mustLoad({ load }: WordRuntime, ...texts: string[]): Promise<void> {
  const { diagnostics, isLoaded } = await load(...texts);
  assert.deepEqual(diagnostics.map(oneLine), []);
  assert.ok(isLoaded);
}

/** Lets everything that was started without being waited for happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Every built-in component of a module and of the modules in it. */
function nodesIn(module: InnerModule): ComponentNode[] {
  return module.nodes().flatMap(({ node }: { readonly node: Node }) => {
    if (node instanceof ComponentNode) return [node];
    return (node.modules?.() ?? []).flatMap(nodesIn);
  });
}
