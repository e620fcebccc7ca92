import { messageOf } from '../../base/message-of.ts';
import { Backoff } from '../../base/backoff.ts';
import type { Log } from '../../base/log.ts';
import type { ComponentSpec, Instance } from '../../component/component.ts';
import type { ComponentRequest, ComponentResponse } from '../../component/component-request.ts';
import { worstHealth, type Health, type HealthState } from '../../component/health.ts';
import { openMetrics, type MetricFamily } from '../../component/metrics.ts';
import type { Consumer } from '../../flow/delivery.ts';
import type { Edge } from '../../flow/edge.ts';
import { Port } from '../../flow/port.ts';
import { decodeBody } from '../../schema/decode.ts';
import { evaluateBody, headerOf, sameBodies, type EvaluatedBody } from '../../schema/evaluated-body.ts';
import type { ExportFields } from '../../schema/exports.ts';
import type { Fields } from '../../schema/field.ts';
import { receiverType } from '../../schema/receiver.ts';
import type { Block } from '../../syntax/ast.ts';
import { equal } from '../../syntax/equality.ts';
import { Capsule, later, type ObjectValue, type Value } from '../../syntax/value.ts';
import { surroundingsOf, type Edges } from '../edges.ts';
import { globalIdOf, type Environment } from '../environment.ts';
import { pathLabels } from '../module-metrics.ts';
import type { Loading, Node, NodeState, NodeSurroundings, Plan } from '../node.ts';
import { ComponentRun } from './component-run.ts';

type AnyInstance = Instance<Fields, ExportFields>;
type Values = Readonly<Record<string, unknown>>;

/** Everything that one evaluation of the block led to. */
interface Built {
  readonly evaluated: EvaluatedBody;
  readonly args: Values;
  readonly instance: AnyInstance;
  /** Exports that are not inputs. */
  readonly values: Values;
  /** What `forward_to` and the like lead to, by the ID of the port. */
  readonly edges: Edges;
}

/** A built-in component: `loki.write "main" { ... }`. */
export class ComponentNode implements Node {
  readonly id: string;
  readonly globalId: string;
  readonly spec: ComponentSpec;
  readonly #environment: Environment;
  readonly #log: Log;
  readonly #ports: ReadonlyMap<string, Port<unknown>>;
  readonly #metrics: ReturnType<typeof openMetrics>;
  readonly #restarts = new Backoff(1000, 60_000);
  #built: Built | undefined;
  #exports: ObjectValue = new Map();
  #hasChanged = false;
  #run: ComponentRun | undefined;
  #runs: AnyInstance | undefined;
  #restartTimer: NodeJS.Timeout | undefined;
  #evaluationHealth: Health = healthNow('unknown', 'component created');
  #runHealth: Health | undefined;
  #ownHealth: Health | undefined;

  constructor(environment: Environment, moduleId: string, id: string, spec: ComponentSpec) {
    this.#environment = environment;
    this.id = id;
    this.globalId = globalIdOf(moduleId, id);
    this.spec = spec;
    const path = moduleId === '' ? '/' : `/${moduleId}`;
    this.#log = environment.log.with({ component_path: path, component_id: id });
    this.#metrics = openMetrics(spec.metrics, pathLabels('component', this.globalId));
    this.#ports = new Map(
      Object.entries(spec.exports).flatMap(([field, exported]) =>
        exported.kind === 'input' ? [[field, new Port<unknown>(this.globalId, field, exported.signal)]] : [],
      ),
    );
  }

  get name(): string {
    return this.spec.name;
  }

  async plan(block: Block, { scope }: NodeSurroundings, loading: Loading): Promise<Plan | undefined> {
    const { report } = loading;
    const evaluated = evaluateBody(block.body, headerOf(block), { scope, report });
    const before = this.#built;
    if (before !== undefined && sameBodies(evaluated, before.evaluated)) {
      return { exports: this.#exports, commit: () => this.#evaluated({ ...before, evaluated }) };
    }

    const edges = new Map<string, Edge<unknown>>();
    const surroundings = surroundingsOf(this.#environment, this.globalId, edges, before?.edges);
    const decoded = decodeBody(this.spec.arguments, evaluated, surroundings, report);
    if (decoded.status === 'invalid') return undefined;
    if (decoded.status === 'later') return { exports: this.#exportsOf(undefined), commit: () => undefined };
    const args: Values = decoded.args;
    const problem = this.spec.check?.(args, this.#environment.minimumStability);
    if (problem !== undefined) {
      report({ severity: 'error', code: 'schema/arguments', message: problem, span: evaluated.span });
      return undefined;
    }
    if (before?.instance.update !== undefined) {
      const { instance, values } = before;
      return {
        exports: this.#exports,
        commit: () => {
          this.#evaluated({ evaluated, args, instance, values, edges });
          instance.update?.(args);
        },
      };
    }
    return this.#planInstance(evaluated, args, edges, loading);
  }

  start(): void {
    const instance = this.#built?.instance;
    if (instance === undefined || this.#runs === instance) return;
    clearTimeout(this.#restartTimer);
    this.#runs = instance;
    this.#runHealth = healthNow('healthy', 'started component');
    const run = new ComponentRun(instance, this.#run, (error) => this.#ended(run, error));
    this.#run = run;
  }

  async stop(): Promise<void> {
    clearTimeout(this.#restartTimer);
    await this.#run?.stop();
    for (const port of this.#ports.values()) port.target = undefined;
  }

  async close(): Promise<void> {
    await this.#run?.close();
  }

  takeChange(): Promise<Value | undefined> {
    const change = this.#hasChanged ? this.#exports : undefined;
    this.#hasChanged = false;
    return Promise.resolve(change);
  }

  evaluationFailed(message: string): void {
    this.#evaluationHealth = healthNow('unhealthy', `component evaluation failed: ${message}`);
    this.#log.error('failed to evaluate config', { error: message });
  }

  health(): Health {
    const others = [this.#runHealth, this.#ownHealth].filter((health) => health !== undefined);
    return worstHealth(this.#evaluationHealth, ...others);
  }

  edges(): readonly Edge<unknown>[] {
    return [...(this.#built?.edges.values() ?? [])];
  }

  ports(): readonly Port<unknown>[] {
    return [...this.#ports.values()];
  }

  collect(): MetricFamily[] {
    return this.#metrics.collect();
  }

  inspect(): NodeState {
    const built = this.#built;
    return { args: built?.evaluated, exports: this.#exports, debugInfo: built?.instance.debugInfo?.() };
  }

  handle(request: ComponentRequest): Promise<ComponentResponse> | undefined {
    return this.#built?.instance.handle?.(request);
  }

  async #planInstance(
    evaluated: EvaluatedBody,
    args: Values,
    edges: Edges,
    { report, isCheck, signal }: Loading,
  ): Promise<Plan | undefined> {
    try {
      const instance = this.#build(args);
      let values = valuesOf(this.spec.exports, instance.exports);
      if (instance.prepare !== undefined) {
        if (isCheck) return { exports: this.#exportsOf(undefined), commit: () => undefined };
        values = { ...values, ...(await instance.prepare(signal)) };
      }
      const built = { evaluated, args, instance, values, edges };
      return { exports: this.#exportsOf(values), commit: () => this.#swap(built) };
    } catch (error) {
      const message = `failed to build component: ${messageOf(error)}`;
      report({ severity: 'error', code: 'graph/build', message, span: evaluated.span });
      return undefined;
    }
  }

  #build(args: Values): AnyInstance {
    const instance: AnyInstance = this.spec.build({
      id: this.globalId,
      args,
      log: this.#log,
      metrics: this.#metrics.meters,
      dataDir: this.#environment.dataDir(this.globalId),
      minimumStability: this.#environment.minimumStability,
      program: this.#environment.program,
      export: (changed) => {
        if (this.#built?.instance === instance) this.#export(this.#built, changed);
      },
      health: (state, message) => {
        if (this.#built?.instance === instance) this.#ownHealth = healthNow(state, message);
      },
    });
    return instance;
  }

  #evaluated(built: Built): void {
    this.#built = built;
    this.#evaluationHealth = healthNow('healthy', 'component evaluated');
  }

  /** Makes the new instance the one that gets batches; `start` then lets it run. */
  #swap(built: Built): void {
    this.#evaluated(built);
    this.#ownHealth = undefined;
    this.#exports = this.#exportsOf(built.values);
    this.#hasChanged = false;
    for (const [field, port] of this.#ports)
      port.target = (built.instance.exports as Values)[field] as Consumer<unknown>;
  }

  #export(built: Built, changed: Values): void {
    const values = { ...built.values, ...changed };
    const exports = this.#exportsOf(values);
    this.#built = { ...built, values };
    if (equal(exports, this.#exports)) return;
    this.#exports = exports;
    this.#hasChanged = true;
    this.#environment.changed();
  }

  /** What expressions see. Without values, everything but the inputs is not known yet. */
  #exportsOf(values: Values | undefined): ObjectValue {
    const exports = new Map<string, Value>();
    for (const [field, exported] of Object.entries(this.spec.exports)) {
      const port = this.#ports.get(field);
      if (port !== undefined) exports.set(field, new Capsule(receiverType(port.signal), port));
      else if (values === undefined) exports.set(field, later);
      else if (exported.kind === 'value') exports.set(field, exported.type.encode(values[field]));
    }
    return exports;
  }

  #ended(run: ComponentRun, error: unknown): void {
    if (error === undefined) {
      this.#runHealth = healthNow('exited', 'component shut down cleanly');
      return;
    }
    const message = messageOf(error);
    this.#runHealth = healthNow('exited', `component shut down with error: ${message}`);
    this.#log.error('node exited with error', { error: message });
    if (run !== this.#run || run.isStopping) return;
    const wait = this.#restarts.next();
    this.#restartTimer = setTimeout(() => this.#restart(), wait);
    this.#log.info('component will be started again', { after_seconds: Math.round(wait / 1000) });
  }

  /** Replaces an instance that has ended by a new one with the same arguments. */
  #restart(): void {
    const built = this.#built;
    if (built === undefined) return;
    this.#swap({ ...built, instance: this.#build(built.args) });
    this.start();
  }
}

function valuesOf(fields: ExportFields, exports: Values): Values {
  return Object.fromEntries(Object.entries(exports).filter(([field]) => fields[field]?.kind === 'value'));
}

function healthNow(state: HealthState, message: string): Health {
  return { state, message, updatedAt: Date.now() };
}
