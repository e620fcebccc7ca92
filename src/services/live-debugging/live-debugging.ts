import { setTimeout as wait } from 'node:timers/promises';
import type { Milliseconds } from '../../base/duration.ts';
import type { Edge } from '../../flow/edge.ts';
import { globalIdOf } from '../../runtime/environment.ts';
import { findComponent, findModule, flowBetween } from '../../runtime/inspect.ts';
import type { InnerModule, Node } from '../../runtime/node.ts';
import { NodeWatch } from './node-watch.ts';
import { delimiter, RecordBuffer } from './record-buffer.ts';

/** The kinds of data as the UI knows them, by the names of signals. */
const dataTypes: ReadonlyMap<string, string> = new Map([
  ['logs', 'loki_log'],
  ['samples', 'prometheus_metric'],
  ['otel_logs', 'otel_log'],
  ['otel_metrics', 'otel_metric'],
  ['otel_traces', 'otel_trace'],
]);

/** A stream of text, or why there is none. */
export type StreamResult = AsyncIterable<string> | { readonly problem: string };

/** Shows what flows through components while they run, to whoever asks. */
export class LiveDebugging {
  readonly #root: () => InnerModule;
  readonly #flushInterval: Milliseconds;
  /** Ends all streams; absent while it is turned off. */
  #enabled: AbortController | undefined;

  constructor(root: () => InnerModule, flushInterval: Milliseconds = 1000) {
    this.#root = root;
    this.#flushInterval = flushInterval;
  }

  setEnabled(isEnabled: boolean): void {
    if (!isEnabled) this.#enabled?.abort();
    this.#enabled = isEnabled ? (this.#enabled ?? new AbortController()) : undefined;
  }

  /** What goes into a component and comes out of it, each record followed by the delimiter. */
  watchComponent(id: string, probability: number, signal: AbortSignal): StreamResult {
    if (this.#enabled === undefined) return disabled;
    const vertex = findComponent(this.#root(), id)?.vertex;
    if (vertex === undefined) return { problem: 'component not found' };
    if (!canBeWatched(vertex.node))
      return { problem: `the component ${JSON.stringify(id)} does not support live debugging` };
    return this.#records(id, probability, AbortSignal.any([signal, this.#enabled.signal]));
  }

  /** How much flows between the components of a module: a list every so many seconds, followed by the delimiter. */
  watchModule(id: string, seconds: number, signal: AbortSignal): StreamResult {
    if (this.#enabled === undefined) return disabled;
    if (findModule(this.#root(), id) === undefined) return { problem: 'module not found' };
    return this.#rates(id, seconds, AbortSignal.any([signal, this.#enabled.signal]));
  }

  async *#records(id: string, probability: number, signal: AbortSignal): AsyncGenerator<string> {
    const buffer = new RecordBuffer(probability);
    const watch = new NodeWatch(buffer);
    try {
      do {
        // Reloads change what there is to watch.
        const vertex = findComponent(this.#root(), id)?.vertex;
        if (vertex === undefined) return;
        watch.follow(vertex.node);
        yield buffer.take();
      } while (await hasWaited(this.#flushInterval, signal));
    } finally {
      watch.stop();
    }
  }

  async *#rates(id: string, seconds: number, signal: AbortSignal): AsyncGenerator<string> {
    const before = new WeakMap<Edge<unknown>, number>();
    const measure = (): string => {
      const module = findModule(this.#root(), id);
      if (module === undefined) return '[]';
      const rates = flowBetween(module).flatMap(([from, to, edge]) => {
        const { accepted } = edge.counts;
        const rate = (accepted - (before.get(edge) ?? 0)) / seconds;
        before.set(edge, accepted);
        if (rate === 0) return [];
        const type = dataTypes.get(edge.to.signal.name) ?? edge.to.signal.name;
        const targetComponentIDs = [globalIdOf(id, to)];
        return [{ componentID: globalIdOf(id, from), targetComponentIDs, type, rate }];
      });
      return JSON.stringify(rates);
    };
    measure();
    while (await hasWaited(seconds * this.#flushInterval, signal)) yield measure() + delimiter;
  }
}

const disabled = {
  problem: 'the live debugging service is disabled. Check the documentation to find out how to enable it',
};

/** Whether anything passes a node that can be seen. */
export function canBeWatched(node: Node): boolean {
  return (node.ports?.() ?? []).length + (node.edges?.() ?? []).length > 0;
}

/** Waits; false if the signal aborts first. */
async function hasWaited(time: Milliseconds, signal: AbortSignal): Promise<boolean> {
  try {
    await wait(time, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
