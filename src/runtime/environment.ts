import type { Log } from '../base/log.ts';
import type { Stability } from '../base/stability.ts';
import type { ComponentSpec, ProgramInfo } from '../component/component.ts';
import type { Value } from '../syntax/value.ts';
import type { ConfigBlockSpec } from './config-block.ts';
import type { InnerModule } from './node.ts';

/** What all modules of a program share. */
export interface Environment {
  readonly components: ReadonlyMap<string, ComponentSpec>;
  readonly configBlocks: ReadonlyMap<string, ConfigBlockSpec>;
  /** The standard library. */
  readonly library: ReadonlyMap<string, Value>;
  readonly log: Log;
  readonly minimumStability: Stability;
  readonly program: ProgramInfo;
  /** The folder of a component by its global ID. */
  dataDir(globalId: string): string;
  /** Exports have changed: evaluate what depends on them, soon and together with other changes. */
  changed(): void;
  /** Opens a module inside another; its ID is the global ID of the node that holds it. */
  openModule(id: string): InnerModule;
}

/** The ID of a node within the whole program: the ID of its module, then its own. */
export function globalIdOf(moduleId: string, id: string): string {
  return moduleId === '' ? id : `${moduleId}/${id}`;
}
