import type { Log } from '../base/log.ts';
import type { MemoryServer } from '../base/memory-server.ts';
import type { Stability } from '../base/stability.ts';
import type { ExportFields, ExportsOf } from '../schema/exports.ts';
import type { ArgumentsOf, Fields } from '../schema/field.ts';
import type { ValueType } from '../schema/value-type.ts';
import type { ComponentRequest, ComponentResponse } from './component-request.ts';
import type { HealthState } from './health.ts';
import type { MetersOf, MetricSpecs } from './metrics.ts';

/**
 * Everything there is to know about a component. Decoding, checks, the reference page, the JSON schema, the UI and the
 * contract tests read it; nothing about a component is written down a second time.
 */
export interface ComponentSpec<
  A extends Fields = Fields,
  E extends ExportFields = ExportFields,
  M extends MetricSpecs = MetricSpecs,
  D extends DebugFields = DebugFields,
> {
  /** As in configurations: `loki.source.file`. */
  readonly name: string;
  readonly stability: Stability;
  /** Whether its block may stand without a label; its ID is its name then. */
  readonly isLabelOptional?: boolean;
  /** What it does, for whom, and where it acknowledges if it buffers. */
  readonly doc: string;
  /** A configuration that shows it in use. Tests parse, format and load it. */
  readonly example: string;
  readonly arguments: A;
  readonly exports: E;
  readonly metrics: M;
  /** What `debugInfo` of an instance returns, described. */
  readonly debugInfo?: D;
  /** Rules across arguments: what is wrong with them together, or needs a less settled level than users accept. */
  check?(args: ArgumentsOf<A>, minimumStability: Stability): string | undefined;
  /**
   * Makes an instance. Pure: no I/O, no timers, no listeners, since the previous instance may still be running and the
   * new one may never be used. A DiagnosticError it throws refuses the arguments.
   */
  build(context: Context<A, E, M>): Instance<A, E, D>;
}

/** What components may know of the program they are part of. */
export interface ProgramInfo {
  readonly version: string;
  /** The `User-Agent` of its requests. */
  readonly userAgent: string;
  /** Tells this installation from others; empty if it has no ID. */
  readonly installationId: string;
  /** The environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The HTTP API of the program, for requests that do not leave the process. */
  readonly memoryServer: MemoryServer;
  /** The program's own metrics, those of all components among them, in the Prometheus text format. */
  renderMetrics(): string;
}

/** What the runtime gives to an instance. */
export interface Context<A extends Fields, E extends ExportFields, M extends MetricSpecs> {
  /** The global ID: `loki.write.main`, with the modules it is in before it. */
  readonly id: string;
  readonly args: ArgumentsOf<A>;
  readonly log: Log;
  readonly metrics: MetersOf<M>;
  /** A folder for what the component must keep. It is the component's alone, and not there before it makes it. */
  readonly dataDir: string;
  readonly minimumStability: Stability;
  readonly program: ProgramInfo;
  /** Changes exported values; dependants are evaluated again if they differ. Only while the instance runs. */
  export(changed: Partial<ValuesOf<E>>): void;
  /** Says what the runtime cannot know of the health of the instance. */
  health(state: HealthState, message: string): void;
}

/** The exports that are values rather than inputs. */
export type ValuesOf<E extends ExportFields> = {
  readonly [K in keyof E as E[K] extends { kind: 'value' } ? K : never]: ExportsOf<E>[K];
};

/**
 * A built component. Its inputs may be called from the moment it is swapped in, which can be shortly before `run`, and
 * until `run` has ended; then they must refuse.
 */
export interface Instance<A extends Fields, E extends ExportFields, D extends DebugFields = DebugFields> {
  /** A consumer for each input, and the first value of everything else. */
  readonly exports: ExportsOf<E>;
  /**
   * I/O that must be over before dependants are evaluated for the first time, such as reading a file that is exported.
   * Rejecting fails the load. Not called by `validate`.
   */
  prepare?(signal: AbortSignal): Promise<Partial<ValuesOf<E>>>;
  /**
   * Works until the signal aborts, then flushes and resolves. Sources are stopped before what they send to. An instance
   * whose run rejects is built and run again after a while.
   */
  run?(signal: AbortSignal): Promise<void>;
  /** Takes new arguments while running. Without it the instance is replaced by a new one. Must not fail. */
  update?(args: ArgumentsOf<A>): void;
  /** Called last, when all it has sent to has stopped too and no acknowledgement can come any more. */
  close?(): Promise<void>;
  debugInfo?(): DebugInfoOf<D>;
  /**
   * Answers a request below `/api/v0/component/<ID>/`, also while another one is answered. What it throws is a bug and
   * becomes a 500. Called from the moment the instance is swapped in until the next one is.
   */
  handle?(request: ComponentRequest): Promise<ComponentResponse>;
}

/** A field of the debug info: one value, or a list of rows. */
export type DebugField =
  | { readonly kind: 'value'; readonly doc: string; readonly type: ValueType<unknown> }
  | {
      readonly kind: 'rows';
      readonly doc: string;
      readonly fields: Readonly<Record<string, { readonly doc: string; readonly type: ValueType<unknown> }>>;
    };

export type DebugFields = Readonly<Record<string, DebugField>>;

type DebugInfoOf<D extends DebugFields> = {
  readonly [K in keyof D]: D[K] extends { kind: 'value'; type: ValueType<infer T> }
    ? T
    : D[K] extends { kind: 'rows'; fields: infer F }
      ? readonly { readonly [C in keyof F]: F[C] extends { type: ValueType<infer T> } ? T : never }[]
      : never;
};

/** Defines a component. The types of `build` follow from what is declared. */
export function component<
  const A extends Fields,
  const E extends ExportFields,
  const M extends MetricSpecs,
  const D extends DebugFields = {},
>(spec: ComponentSpec<A, E, M, D>): ComponentSpec<A, E, M, D> {
  return spec;
}

/** Any component, where the types of its arguments do not matter. */
export type AnyComponent = ComponentSpec;
