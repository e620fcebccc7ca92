import { component, type ComponentSpec } from '../component/component.ts';
import { counter } from '../component/metrics.ts';
import { deliver } from '../flow/delivery.ts';
import type { Signal } from '../model/signal.ts';
import { any, bool, duration, integer, list, string } from '../schema/attributes.ts';
import { exported, input } from '../schema/exports.ts';
import { output } from '../schema/receiver.ts';
import { anyType, integerType, stringType } from '../schema/types.ts';

/** The simplest telemetry there can be. */
export const words: Signal<readonly string[]> = {
  name: 'words',
  items: 'words',
  count: (batch) => batch.length,
  describe: (batch) => batch,
};

/** Components that work with words, as a test directs them, and what they did. */
export interface WordComponents {
  readonly components: ReadonlyMap<string, ComponentSpec>;
  /** What happened to instances, in order: `build toy.sink.a`, `run toy.sink.a`, `stop toy.sink.a`, `close toy.sink.a`. */
  readonly events: string[];
  /** Words that arrived, by the ID of the sink. */
  readonly arrived: Map<string, string[]>;
  /** Makes a counting component export its next value. */
  count(id: string): void;
  /** Makes a source send words. */
  send(id: string, ...batch: string[]): Promise<void> | void;
}

/** Components for tests of the runtime: a source, a sink, and some that only pass values on. */
export function wordComponents(): WordComponents {
  const events: string[] = [];
  const arrived = new Map<string, string[]>();
  const counters = new Map<string, () => void>();
  const senders = new Map<string, (batch: readonly string[]) => Promise<void> | void>();
  const lifecycle = (id: string, tag = ''): { run(signal: AbortSignal): Promise<void>; close(): Promise<void> } => {
    events.push(`build ${id}${tag}`);
    return {
      async run(signal) {
        events.push(`run ${id}${tag}`);
        await untilAborted(signal);
        events.push(`stop ${id}${tag}`);
      },
      close() {
        events.push(`close ${id}${tag}`);
        return Promise.resolve();
      },
    };
  };

  const source = component({
    name: 'toy.source',
    stability: 'generally-available',
    doc: 'Sends words when a test says so.',
    example: 'toy.source "a" { forward_to = [] }',
    arguments: { forward_to: output('Where the words go.', words), tag: string('Anything.').default('') },
    exports: {},
    metrics: { sent: counter('toy_sent_total', 'Words sent.') },
    build({ id, args, metrics }) {
      const { run, close } = lifecycle(id, args.tag);
      const abort = new AbortController();
      return {
        exports: {},
        run(signal) {
          senders.set(id, (batch) => {
            metrics.sent.inc(batch.length);
            return deliver(args.forward_to, batch, abort.signal, () => undefined);
          });
          return run(signal);
        },
        close,
      };
    },
  });

  const sink = component({
    name: 'toy.sink',
    stability: 'generally-available',
    doc: 'Collects words.',
    example: 'toy.sink "a" { }',
    arguments: {
      tag: string('Anything.').default(''),
      refuse: bool('Whether to refuse the arguments.').default(false),
    },
    exports: { receiver: input('Takes words.', words) },
    metrics: {},
    check: ({ refuse }) => (refuse ? 'refuse must not be set' : undefined),
    build({ id, args }) {
      const receiver = {
        consume: (batch: readonly string[]): void => {
          arrived.set(id, [...(arrived.get(id) ?? []), ...batch.map((word) => word + args.tag)]);
        },
      };
      return { exports: { receiver }, ...lifecycle(id, args.tag) };
    },
  });

  const pass = component({
    name: 'toy.pass',
    stability: 'generally-available',
    doc: 'Exports what it is given.',
    example: 'toy.pass "a" { value = 1 }',
    arguments: { value: any('Anything.'), needs: list('More references.', anyType).default([]) },
    exports: { value: exported('The same.', anyType) },
    metrics: {},
    build({ id, args }) {
      events.push(`build ${id}`);
      return { exports: { value: args.value } };
    },
  });

  const count = component({
    name: 'toy.count',
    stability: 'generally-available',
    doc: 'Exports a number that grows when a test says so.',
    example: 'toy.count "a" { }',
    arguments: { step: integer('How much it grows.').default(1) },
    exports: { count: exported('The number.', integerType) },
    metrics: {},
    build({ id, args, export: changed }) {
      let value = 0;
      const { run, close } = lifecycle(id);
      return {
        exports: { count: 0 },
        run(signal) {
          counters.set(id, () => changed({ count: (value += args.step) }));
          return run(signal);
        },
        close,
      };
    },
  });

  const prepared = component({
    name: 'toy.prepared',
    stability: 'generally-available',
    doc: 'Exports text that takes I/O to know.',
    example: 'toy.prepared "a" { text = "x" }',
    arguments: { text: string('The text.'), after: duration('How long it takes.').default(0) },
    exports: { text: exported('The text.', stringType) },
    metrics: {},
    build({ args }) {
      return {
        exports: { text: '' },
        async prepare() {
          await new Promise((resolve) => setTimeout(resolve, args.after));
          if (args.text === '') throw new Error('there is no text');
          return { text: args.text };
        },
      };
    },
  });

  const failing = component({
    name: 'toy.failing',
    stability: 'experimental',
    doc: 'Fails while it runs.',
    example: 'toy.failing "a" { }',
    arguments: {},
    exports: {},
    metrics: {},
    build: ({ id }) => ({
      exports: {},
      run() {
        events.push(`run ${id}`);
        return Promise.reject(new Error('something broke'));
      },
    }),
  });

  const all = [count, failing, pass, prepared, sink, source] as readonly ComponentSpec[];
  return {
    components: new Map(all.map((spec) => [spec.name, spec])),
    events,
    arrived,
    count: (id) => counters.get(id)?.(),
    send: (id, ...batch) => senders.get(id)?.(batch),
  };
}

function untilAborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}
