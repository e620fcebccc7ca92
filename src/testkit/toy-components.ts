import { setTimeout as wait } from 'node:timers/promises';
import { component, type AnyComponent } from '../component/component.ts';
import { counter } from '../component/metrics.ts';
import { deliver, DeliveryError } from '../flow/delivery.ts';
import { entriesOf } from '../model/log-batch.ts';
import { logBatch } from '../model/log-batch-builder.ts';
import { Labels } from '../model/labels.ts';
import { logs } from '../model/signal.ts';
import { bool, duration, integer, list, secret, string } from '../schema/attributes.ts';
import { exported, input } from '../schema/exports.ts';
import { output } from '../schema/receiver.ts';
import { integerType, stringType } from '../schema/types.ts';

/** Exports a number that grows while it runs. */
const count = component({
  name: 'test.count',
  stability: 'generally-available',
  doc: 'Counts.',
  example: 'test.count "a" {\n  max = 3\n}\n',
  arguments: {
    frequency: duration('Time between two numbers.').default(1),
    max: integer('The last number.'),
  },
  exports: { count: exported('The last number.', integerType) },
  metrics: { counted: counter('test_counted_total', 'Numbers counted.') },
  build: ({ args, metrics, ...context }) => ({
    exports: { count: 0 },
    async run(signal) {
      for (let value = 1; value <= args.max && !signal.aborted; value++) {
        metrics.counted.inc();
        context.export({ count: value });
        await wait(args.frequency, undefined, { signal }).catch(() => undefined);
      }
      await aborted(signal);
    },
  }),
});

/** Exports what it is given. */
const passthrough = component({
  name: 'test.passthrough',
  stability: 'generally-available',
  doc: 'Exports its input.',
  example: 'test.passthrough "a" {\n  input = "b"\n}\n',
  arguments: {
    input: string('What to export.'),
    password: secret('Not used.').optional(),
    is_invalid: bool('Whether to refuse to be built.').default(false),
  },
  exports: { output: exported('The input.', stringType) },
  metrics: {},
  build({ args }) {
    if (args.is_invalid) throw new Error('it was told to');
    return { exports: { output: args.input } };
  },
});

/** Sends lines of text. */
const source = component({
  name: 'test.source',
  stability: 'generally-available',
  doc: 'Sends lines.',
  example: 'test.source "a" {\n  lines = ["a"]\n  forward_to = []\n}\n',
  arguments: {
    lines: list('The lines of a batch.', stringType),
    frequency: duration('Time between two batches. With 0, there is one only.').default(0),
    forward_to: output('Where to send them.', logs),
  },
  exports: {},
  metrics: {},
  build: ({ args, id }) => ({
    exports: {},
    async run(signal) {
      const labels = Labels.fromRecord({ source: id });
      const entries = args.lines.map((line) => ({ line, seconds: 0, nanos: 0, labels, metadata: [] }));
      const batch = logBatch(entries, 0);
      if (batch === undefined) return;
      while (!signal.aborted) {
        try {
          await deliver(args.forward_to, batch, signal, () => undefined);
          if (args.frequency === 0) break;
        } catch {
          // It is tried again.
        }
        await wait(Math.max(1, args.frequency), undefined, { signal }).catch(() => undefined);
      }
      await aborted(signal);
    },
  }),
});

/** Keeps lines of text, or refuses them. */
const sink = component({
  name: 'test.sink',
  stability: 'generally-available',
  doc: 'Keeps lines.',
  example: 'test.sink "a" { }\n',
  arguments: {
    refuses: bool('Whether to refuse everything.').default(false),
    fails: bool('Whether to end with an error at once.').default(false),
  },
  exports: { receiver: input('Lines to keep.', logs) },
  metrics: {},
  debugInfo: {
    count: { kind: 'value', doc: 'How many there are.', type: integerType },
    lines: { kind: 'rows', doc: 'The last ones.', fields: { line: { doc: 'The text.', type: stringType } } },
  },
  build({ args }) {
    const lines: { line: string }[] = [];
    return {
      exports: {
        receiver: {
          consume(batch) {
            if (args.refuses) throw new DeliveryError('it was told to', { retryable: true });
            for (const { line } of entriesOf(batch)) lines.push({ line });
          },
        },
      },
      async run(signal) {
        if (args.fails) throw new Error('it was told to');
        await aborted(signal);
      },
      debugInfo: () => ({ count: lines.length, lines: lines.slice(-10) }),
    };
  },
});

/** Takes its time. */
const slow = component({
  name: 'test.slow',
  stability: 'generally-available',
  doc: 'Takes its time.',
  example: 'test.slow "a" { }\n',
  arguments: {
    preparation: duration('Time until it has something to export.').default(0),
    stopping: duration('Time that it takes to stop.').default(0),
  },
  exports: {},
  metrics: {},
  build: ({ args }) => ({
    exports: {},
    async prepare(signal) {
      await wait(args.preparation, undefined, { signal });
      return {};
    },
    async run(signal) {
      await aborted(signal);
      await wait(args.stopping);
    },
  }),
});

/** Resolves when the signal aborts. */
function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Components that do simple things, for tests of what runs components. */
export const toyComponents: ReadonlyMap<string, AnyComponent> = new Map(
  ([count, passthrough, source, sink, slow] as readonly AnyComponent[]).map((spec) => [spec.name, spec]),
);
