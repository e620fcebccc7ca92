import assert from 'node:assert/strict';
import { noLog, type Log } from '../base/log.ts';
import type { ConfigBlockSpec } from '../runtime/config-block.ts';
import { Runtime } from '../runtime/runtime.ts';
import { oneLine } from '../syntax/diagnostic.ts';
import { runtimeOptions } from './runtime-options.ts';
import { toyComponents } from './toy-components.ts';

/** A runtime with the toy components; close it with `await using`. */
export class ToyRuntime extends Runtime implements AsyncDisposable {
  constructor(configBlocks: readonly ConfigBlockSpec[] = [], log: Log = noLog) {
    super(runtimeOptions(toyComponents, { configBlocks, log }));
  }

  /** Loads a configuration that must be right. */
  async loadText(text: string): Promise<void> {
    const source = { name: 'test.alloy', text };
    const { diagnostics } = await this.load({ sources: [source], modulePath: '/etc' });
    assert.deepEqual(diagnostics.map(oneLine), []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop(1000);
  }
}
