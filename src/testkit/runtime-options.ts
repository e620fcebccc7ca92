import { noLog, type Log } from '../base/log.ts';
import type { Stability } from '../base/stability.ts';
import type { ComponentSpec, ProgramInfo } from '../component/component.ts';
import type { ConfigBlockSpec } from '../runtime/config-block.ts';
import type { RuntimeOptions } from '../runtime/runtime.ts';
import { processEnvironment } from '../syntax/stdlib/environment.ts';
import { standardLibrary } from '../syntax/stdlib/library.ts';

export const testProgram: ProgramInfo = {
  version: 'v0.0.0',
  userAgent: 'Test/v0.0.0',
  installationId: 'test-id',
  variables: {},
  memoryServer: {
    address: 'alloy.internal:12345',
    request: () => Promise.reject(new Error('nothing is served in tests')),
  },
  renderMetrics: () => '',
};

/** What a runtime needs, for one that has the given components and nothing to do with this machine. */
export function runtimeOptions(
  components: ReadonlyMap<string, ComponentSpec>,
  options: { readonly configBlocks?: readonly ConfigBlockSpec[]; readonly level?: Stability; readonly log?: Log } = {},
): RuntimeOptions {
  const { configBlocks = [], level = 'experimental', log = noLog } = options;
  return {
    components,
    configBlocks: new Map(configBlocks.map((spec) => [spec.name, spec])),
    library: standardLibrary(processEnvironment(testProgram.version)),
    log,
    minimumStability: level,
    program: testProgram,
    dataDir: (id) => id,
  };
}
