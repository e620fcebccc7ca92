import { messageOf } from '../base/message-of.ts';
import type { Log } from '../base/log.ts';
import type { Milliseconds } from '../base/duration.ts';
import { hasErrors, inOrder, joined, oneLine, type Diagnostic } from '../syntax/diagnostic.ts';
import { parse } from '../syntax/parser.ts';
import { Scope } from '../syntax/scope.ts';
import type { ConfigSource } from './config-source.ts';
import { Definitions } from './definitions.ts';
import type { Environment } from './environment.ts';
import { Module } from './module.ts';
import type { InnerModule, ModuleContent, Plan } from './node.ts';

/** What a runtime is made of; the same for its whole life. */
export type RuntimeOptions = Omit<Environment, 'changed' | 'openModule'>;

export interface LoadResult {
  readonly isLoaded: boolean;
  /** Errors and warnings in the order of the text. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Runs a configuration. Loads are atomic: everything is built and checked aside, then takes over at once; after any
 * error what ran before goes on untouched.
 */
export class Runtime {
  readonly #log: Log;
  readonly #options: RuntimeOptions;
  readonly #root: Module;
  readonly #abort = new AbortController();
  #exclusive: Promise<unknown> = Promise.resolve();
  /** When the first change was that is not settled yet. */
  #changedAt: number | undefined;
  #isLoaded = false;

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#root = new Module(
      this.#environment(() => this.#settleSoon()),
      '',
    );
  }

  /** Whether a configuration runs. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  get root(): Module {
    return this.#root;
  }

  /** The blocks that configure the program itself. */
  get configBlocks(): RuntimeOptions['configBlocks'] {
    return this.#options.configBlocks;
  }

  /** Loads a configuration in place of the one that runs, or none if it has errors. */
  load(config: ConfigSource): Promise<LoadResult> {
    return this.#alone(async () => {
      const { plan, diagnostics } = await this.#plan(this.#root, config, false);
      // What was started now would not be stopped any more.
      if (this.#abort.signal.aborted) return { isLoaded: false, diagnostics: [...diagnostics, stopping] };
      if (plan === undefined) return { isLoaded: false, diagnostics };
      plan.commit();
      this.#root.start();
      this.#isLoaded = true;
      this.#settleSoon();
      return { isLoaded: true, diagnostics };
    });
  }

  /** Checks a configuration without running, reading or contacting anything it names, except imported files. */
  async check(config: ConfigSource): Promise<readonly Diagnostic[]> {
    const root = new Module(
      this.#environment(() => undefined),
      '',
    );
    return (await this.#plan(root, config, true)).diagnostics;
  }

  /**
   * Stops sources before what they send to, so that everything on the way can arrive. After the deadline it gives up
   * waiting; whether all was stopped in time is the result.
   */
  async stop(deadline: Milliseconds): Promise<boolean> {
    this.#abort.abort();
    const { promise: timeout, resolve } = Promise.withResolvers<false>();
    const timer = setTimeout(() => resolve(false), deadline);
    const stopped = this.#alone(async () => {
      await this.#root.stop();
      await this.#root.close();
      return true as const;
    });
    const isStopped = await Promise.race([stopped, timeout]);
    clearTimeout(timer);
    if (!isStopped) this.#log.warn('task shutdown deadline exceeded', { deadline_seconds: deadline / 1000 });
    return isStopped;
  }

  #environment(changed: () => void): Environment {
    const environment: Environment = {
      ...this.#options,
      changed,
      openModule: (id): InnerModule => new Module(environment, id),
    };
    return environment;
  }

  async #plan(
    root: Module,
    config: ConfigSource,
    isCheck: boolean,
  ): Promise<{ plan: Plan | undefined; diagnostics: readonly Diagnostic[] }> {
    const parsed = config.sources.map(parse);
    const files = parsed.map(({ file }) => file);
    const diagnostics = parsed.flatMap((result) => result.diagnostics);
    if (hasErrors(diagnostics)) return { plan: undefined, diagnostics };
    const content: ModuleContent = {
      kind: 'root',
      statements: files.flatMap((file) => file.body.statements),
      definitions: new Definitions(),
      outer: new Scope(this.#options.library),
      names: new Map([['module_path', config.modulePath]]),
      args: new Map(),
    };
    const report = (diagnostic: Diagnostic): unknown => diagnostics.push(diagnostic);
    const plan = await root.plan(content, { report, isCheck, signal: this.#abort.signal });
    return { plan: hasErrors(diagnostics) ? undefined : plan, diagnostics: inOrder(diagnostics) };
  }

  /** Lets changes that come together be evaluated together. */
  #settleSoon(): void {
    if (this.#changedAt !== undefined) return;
    const since = performance.now();
    this.#changedAt = since;
    setImmediate(() => {
      this.#alone(async () => {
        this.#changedAt = undefined;
        const { signal } = this.#abort;
        if (!signal.aborted) await this.#root.settle({ signal, since });
      }).catch((error: unknown) => this.#log.error('evaluation failed', { error: messageOf(error) }));
    });
  }

  /** Loads, evaluations and the stop happen one at a time. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#exclusive.then(work);
    this.#exclusive = result.catch(() => undefined);
    return result;
  }
}

const stopping: Diagnostic = { severity: 'error', code: 'load/stopping', message: 'the program is stopping' };

/** The errors of a load in one text, for answers and logs. */
export function errorText(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  return joined(errors, oneLine);
}
