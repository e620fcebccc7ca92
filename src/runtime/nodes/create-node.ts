import type { NodeBlock } from '../blocks.ts';
import type { Environment } from '../environment.ts';
import type { Node } from '../node.ts';
import { ArgumentNode } from './argument-node.ts';
import { ComponentNode } from './component-node.ts';
import { ConfigBlockNode } from './config-block-node.ts';
import { CustomComponentNode } from './custom-component-node.ts';
import { ExportNode } from './export-node.ts';
import { ForeachNode } from './foreach-node.ts';
import { ImportNode } from './import-node.ts';

/** Makes the node for a block. What is in the block is looked at when the node is planned. */
export function createNode(environment: Environment, moduleId: string, { kind, id, block }: NodeBlock): Node {
  switch (kind) {
    case 'custom':
      return new CustomComponentNode(environment, moduleId, id, block.name);
    case 'argument':
      return new ArgumentNode(environment, id);
    case 'export':
      return new ExportNode(environment, id);
    case 'import':
      return new ImportNode(environment, id, block.name);
    case 'foreach':
      return new ForeachNode(environment, moduleId, id);
    case 'config': {
      const spec = environment.configBlocks.get(block.name);
      if (spec === undefined) throw new TypeError(`no config block ${block.name}`);
      return new ConfigBlockNode(environment, spec);
    }
    case 'component': {
      const spec = environment.components.get(block.name);
      if (spec === undefined) throw new TypeError(`no component ${block.name}`);
      return new ComponentNode(environment, moduleId, id, spec);
    }
    default:
      throw new TypeError('unknown kind of node', { cause: kind satisfies never });
  }
}
