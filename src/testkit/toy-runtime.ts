import assert from 'node:assert/strict';
import { noLog, type Log } from '../base/log.ts';
import type { ConfigBlockSpec } from '../runtime/config-block.ts';
import { Runtime } from '../runtime/runtime.ts';
import { oneLine } from '../syntax/diagnostic.ts';
import { processEnvironment } from '../syntax/stdlib/environment.ts';
import { standardLibrary } from '../syntax/stdlib/library.ts';
import { toyComponents } from './toy-components.ts';

/** A runtime with the toy components; close it with `await using`. */
export class ToyRuntime extends Runtime implements AsyncDisposable {
  constructor(configBlocks: readonly ConfigBlockSpec[] = [], log: Log = noLog) {
    super({
      components: toyComponents,
      configBlocks: new Map(configBlocks.map((spec) => [spec.name, spec])),
      library: standardLibrary(processEnvironment('v0.0.0')),
      log,
      minimumStability: 'experimental',
      program: { version: 'v0.0.0', userAgent: 'Test/v0.0.0', variables: {} },
      dataDir: (id) => id,
    });
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

/** Waits until something holds; fails if it does not within some seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 500; turn++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail(`it does not come true: ${holds.toString()}`);
}
