import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { logTo, type Log, type LogFields, type LogLevel } from '../base/log.ts';
import { messageOf } from '../base/message-of.ts';
import type { Stability } from '../base/stability.ts';
import type { ComponentSpec, DebugFields, Instance } from '../component/component.ts';
import { Histogram, openMetrics, type MetricSpecs } from '../component/metrics.ts';
import { Summary } from '../component/summary.ts';
import type { Consumer } from '../flow/delivery.ts';
import { Port } from '../flow/port.ts';
import type { LogBatch } from '../model/log-batch.ts';
import { logs } from '../model/signal.ts';
import { ComponentRun } from '../runtime/nodes/component-run.ts';
import type { ExportFields, ExportsOf } from '../schema/exports.ts';
import type { ArgumentsOf, Fields } from '../schema/field.ts';
import { oneLine } from '../syntax/diagnostic.ts';
import { argumentsFrom, decodeText, receiverFor, type Names } from './arguments.ts';
import { collect, type Collector } from './collect.ts';
import { entriesIn, sendEntries, type TestEntry } from './log-entries.ts';
import { testProgram } from './runtime-options.ts';

export interface RunOptions {
  /** What the names in the text stand for, such as receivers made by `receiverFor`; `out` is there without that. */
  readonly names?: Names;
  /** The folder of the component, which is kept then. */
  readonly dataDir?: string;
}

export interface LoggedLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** Builds and runs a component with the arguments in a text, as they stand between the braces of its block. */
export async function runComponent<
  A extends Fields,
  E extends ExportFields,
  M extends MetricSpecs,
  D extends DebugFields,
>(spec: ComponentSpec<A, E, M, D>, text: string, options: RunOptions = {}): Promise<TestComponent<A, E, M, D>> {
  const running = new TestComponent(spec, options.names ?? {}, options.dataDir);
  await running.start(text);
  return running;
}

/** What is wrong with the arguments in a text, as `file:line:column: message`; rules across all of them have no place. */
export function problemsOf(
  spec: ComponentSpec,
  text: string,
  names: Names = {},
  minimumStability: Stability = 'experimental',
): string[] {
  const all = { out: receiverFor(logs, collect(logs)), ...names };
  const { args, problems } = decodeText(spec.arguments, text, all);
  const problem = args === undefined ? undefined : spec.check?.(args, minimumStability);
  return [...problems.map(oneLine), ...(problem === undefined ? [] : [problem])];
}

/** Puts entries through a component for logs, as one batch, and tells what comes out and what its metrics are then. */
export async function putThrough<A extends Fields, M extends MetricSpecs, D extends DebugFields>(
  spec: ComponentSpec<A, { readonly receiver: { kind: 'input'; doc: string; signal: typeof logs } }, M, D>,
  text: string,
  ...entries: readonly (TestEntry | string)[]
): Promise<{ readonly entries: TestEntry[]; readonly metrics: Readonly<Record<string, number>> }> {
  await using running = await runComponent(spec, `${text}\nforward_to = [out]`);
  await sendEntries(running.exports.receiver, ...entries).delivered;
  return { entries: entriesIn(running.out.batches), metrics: running.metrics() };
}

/** A component that runs as the runtime would run it. Close it with `await using`. */
export class TestComponent<
  A extends Fields,
  E extends ExportFields,
  M extends MetricSpecs,
  D extends DebugFields,
> implements AsyncDisposable {
  /** What came out, where the text says `forward_to = [out]`. */
  readonly out: Collector<LogBatch> = collect(logs);
  readonly logged: LoggedLine[] = [];
  /** A folder for the component, which is not there before it makes it. */
  readonly dataDir: string;
  readonly #isDataKept: boolean;
  /** `state: message`, as the component tells it. */
  health = '';
  readonly #spec: ComponentSpec<A, E, M, D>;
  readonly #names: Names;
  readonly #log: Log = logTo((level, message, fields) => this.logged.push({ level, message, fields }));
  readonly #metrics: ReturnType<typeof openMetrics<M>>;
  readonly #ports: ReadonlyMap<string, Port<unknown>>;
  #values: Readonly<Record<string, unknown>> = {};
  #instance: Instance<A, E, D> | undefined;
  #run: ComponentRun | undefined;

  constructor(spec: ComponentSpec<A, E, M, D>, names: Names, dataDir: string | undefined) {
    this.#spec = spec;
    this.dataDir = dataDir ?? path.join(tmpdir(), `component-${randomUUID()}`);
    this.#isDataKept = dataDir !== undefined;
    this.#names = { out: receiverFor(logs, this.out), ...names };
    this.#metrics = openMetrics(spec.metrics);
    const exports: ExportFields = spec.exports;
    this.#ports = new Map(
      Object.entries(exports).flatMap(([field, exported]) =>
        exported.kind === 'input' ? [[field, new Port<unknown>(spec.name, field, exported.signal)]] : [],
      ),
    );
  }

  /** The inputs, which stay the same when the instance is replaced, and the current values. */
  get exports(): ExportsOf<E> {
    return { ...this.#values, ...Object.fromEntries(this.#ports) } as ExportsOf<E>;
  }

  /** Every series as the text format writes it, `name{label="value"}`, with its value; of observations the count. */
  metrics(): Readonly<Record<string, number>> {
    const series = this.#metrics.collect().flatMap(({ name, series: all }) =>
      all.map(({ labels, meter }): [string, number] => {
        const pairs = labels.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(',');
        const text = pairs === '' ? '' : `{${pairs}}`;
        if (meter instanceof Summary) return [`${name}_count${text}`, meter.count];
        if (!(meter instanceof Histogram)) return [`${name}${text}`, meter.value];
        return [`${name}_count${text}`, meter.counts.reduce((sum, count) => sum + count, 0)];
      }),
    );
    return Object.fromEntries(series);
  }

  debugInfo(): ReturnType<NonNullable<Instance<A, E, D>['debugInfo']>> | undefined {
    return this.#instance?.debugInfo?.();
  }

  async start(text: string): Promise<void> {
    const args = argumentsFrom(this.#spec.arguments, text, this.#names);
    this.#check(args);
    await this.#replace(args);
  }

  /** Gives it other arguments; resolves when they are in effect, which can be before what was there has ended. */
  async update(text: string): Promise<void> {
    const args = argumentsFrom(this.#spec.arguments, text, this.#names);
    this.#check(args);
    if (this.#instance?.update === undefined) await this.#replace(args);
    else this.#instance.update(args);
  }

  /** Ends the run; answers can still come until it is closed. */
  async stop(): Promise<void> {
    await this.#run?.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#run?.close();
    if (!this.#isDataKept) await rm(this.dataDir, { recursive: true, force: true });
  }

  #check(args: ArgumentsOf<A>): void {
    const problem = this.#spec.check?.(args, 'experimental');
    if (problem !== undefined) throw new Error(problem);
  }

  async #replace(args: ArgumentsOf<A>): Promise<void> {
    const instance = this.#spec.build({
      id: `${this.#spec.name}.test`,
      args,
      log: this.#log,
      metrics: this.#metrics.meters,
      dataDir: this.dataDir,
      minimumStability: 'experimental',
      program: testProgram,
      export: (changed) => (this.#values = { ...this.#values, ...changed }),
      health: (state, message) => (this.health = `${state}: ${message}`),
    });
    this.#values = { ...instance.exports, ...(await instance.prepare?.(new AbortController().signal)) };
    for (const [field, port] of this.#ports) port.target = this.#values[field] as Consumer<unknown>;
    this.#instance = instance;
    this.#run = new ComponentRun(instance, this.#run, (error) => {
      if (error !== undefined) this.#log.error('the component ended', { error: messageOf(error) });
    });
  }
}
