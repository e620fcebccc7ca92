import { messageOf } from '../../base/message-of.ts';
import { watch, type FSWatcher } from 'node:fs';
import type { Health, HealthState } from '../../component/health.ts';
import type { Block } from '../../syntax/ast.ts';
import { oneLine, type Diagnostic } from '../../syntax/diagnostic.ts';
import { Capsule, type CapsuleType, type Value } from '../../syntax/value.ts';
import type { Namespace } from '../definitions.ts';
import type { Environment } from '../environment.ts';
import { loadImport, readImport, readImportFile, type ImportContent, type ReadImport } from '../import-content.ts';
import type { Loading, Node, NodeSurroundings, Plan } from '../node.ts';

/** How a namespace is handed to the module as the export of its import. */
export const namespaceType: CapsuleType<Namespace> = {
  name: 'import',
  show: (namespace) => `import of ${[...namespace.keys()].join(', ')}`,
};

/** Time for a writer to finish after the first sign of a change. */
const settleTime = 30;

interface Committed {
  readonly content: ImportContent;
  readonly read: ReadImport;
  readonly block: Block;
}

/** `import.file` or `import.string`: brings the declares of other text into a namespace. Keeps the last good content. */
export class ImportNode implements Node {
  readonly id: string;
  readonly name: string;
  readonly #environment: Environment;
  #committed: Committed | undefined;
  #change: ImportContent | undefined;
  #watcher: FSWatcher | undefined;
  #poll: NodeJS.Timeout | undefined;
  #soon: NodeJS.Timeout | undefined;
  #health: Health = healthNow('unknown', 'import created');

  constructor(environment: Environment, id: string, name: string) {
    this.#environment = environment;
    this.id = id;
    this.name = name;
  }

  async plan(block: Block, { scope }: NodeSurroundings, { report }: Loading): Promise<Plan | undefined> {
    const read = await readImport(this.#environment, block, scope, report);
    const content = read && (await loadImport(this.#environment, read, report));
    if (read === undefined || content === undefined) return undefined;
    const before = this.#committed?.content;
    const kept = before?.text === content.text ? before : content;
    return {
      exports: exportsOf(kept),
      commit: () => {
        this.#committed = { content: kept, read, block };
        this.#change = undefined;
        this.#health = healthNow('healthy', 'source evaluated');
      },
    };
  }

  start(): void {
    this.#unwatch();
    const args = this.#committed?.read.watch;
    if (args === undefined) return;
    this.#poll = setInterval(() => void this.#reload(), args.poll_frequency);
    if (args.detector !== 'fsnotify') return;
    try {
      this.#watcher = watch(args.filename, () => {
        clearTimeout(this.#soon);
        this.#soon = setTimeout(() => void this.#reload(), settleTime);
      });
      this.#watcher.on('error', (error) => this.#cannotWatch(error));
    } catch (error) {
      this.#cannotWatch(error);
    }
  }

  stop(): Promise<void> {
    this.#unwatch();
    return Promise.resolve();
  }

  takeChange(): Promise<Value | undefined> {
    const change = this.#change;
    this.#change = undefined;
    if (change === undefined || this.#committed === undefined) return Promise.resolve(undefined);
    this.#committed = { ...this.#committed, content: change };
    return Promise.resolve(exportsOf(change));
  }

  evaluationFailed(message: string): void {
    this.#failed(`source evaluation failed: ${message}`);
  }

  health(): Health {
    return this.#health;
  }

  /** Reads the file again; what cannot be used leaves the content as it was. */
  async #reload(): Promise<void> {
    const committed = this.#committed;
    const filename = committed?.read.watch?.filename;
    if (committed === undefined || filename === undefined) return;
    const problems: Diagnostic[] = [];
    const report = (problem: Diagnostic): unknown => problems.push(problem);
    const source = await readImportFile(filename, committed.block.nameSpan, report);
    const content = source && (await loadImport(this.#environment, source, report));
    if (this.#committed !== committed) return;
    if (content === undefined) {
      this.#failed(`imported content is invalid: ${problems.map(oneLine).join('; ')}`);
      return;
    }
    if (content.text === committed.content.text) return;
    this.#health = healthNow('healthy', 'content updated');
    this.#change = content;
    this.#environment.changed();
  }

  #failed(message: string): void {
    if (this.#health.message === message) return;
    this.#health = healthNow('unhealthy', message);
    this.#environment.log.error('failed to update import', { node_id: this.id, error: message });
  }

  #cannotWatch(error: unknown): void {
    const message = messageOf(error);
    this.#environment.log.warn('cannot watch import, it is polled only', { node_id: this.id, error: message });
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #unwatch(): void {
    clearInterval(this.#poll);
    clearTimeout(this.#soon);
    this.#watcher?.close();
    this.#watcher = undefined;
  }
}

function exportsOf(content: ImportContent): Value {
  return new Capsule(namespaceType, content.namespace);
}

function healthNow(state: HealthState, message: string): Health {
  return { state, message, updatedAt: Date.now() };
}
