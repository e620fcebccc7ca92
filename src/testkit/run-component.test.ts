import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { test } from 'node:test';
import { component } from '../component/component.ts';
import { counter, histogram } from '../component/metrics.ts';
import { logs } from '../model/signal.ts';
import { duration, string } from '../schema/attributes.ts';
import { exported, input } from '../schema/exports.ts';
import { output } from '../schema/receiver.ts';
import { stringType } from '../schema/types.ts';
import { receiverFor } from './arguments.ts';
import { collect } from './collect.ts';
import { entriesIn, sendEntries } from './log-entries.ts';
import { problemsOf, putThrough, runComponent } from './run-component.ts';
import { until } from './until.ts';

const events: string[] = [];

/** Passes entries on, and tells what happens to it. */
const passing = component({
  name: 'test.passing',
  stability: 'generally-available',
  doc: 'Passes entries on.',
  example: '',
  arguments: {
    forward_to: output('Where to.', logs),
    tag: string('Anything.').default('none'),
    patience: duration('A time.').default(0),
  },
  exports: { receiver: input('Entries.', logs), tag: exported('The tag.', stringType) },
  metrics: {
    passed: counter('test_passed_total', 'Batches.', ['tag']),
    sizes: histogram('test_sizes', 'Sizes.', [1, 2]),
  },
  debugInfo: { tag: { kind: 'value', doc: 'The tag.', type: stringType } },
  check: ({ tag }) => (tag === '' ? 'tag must not be empty' : undefined),
  build({ args, metrics, log, dataDir, export: change, health }) {
    const { tag, forward_to: next } = args;
    return {
      exports: {
        tag,
        receiver: {
          consume(batch, delivery) {
            metrics.passed.with(tag).inc();
            metrics.sizes.observe(batch.count);
            log.info('passing', { tag });
            return next.consume(batch, delivery);
          },
        },
      },
      prepare: () => Promise.resolve({ tag: `prepared ${tag}` }),
      async run(signal) {
        events.push(`run ${tag}`);
        await mkdir(dataDir, { recursive: true });
        change({ tag: `running ${tag}` });
        health('healthy', tag);
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
        events.push(`stop ${tag}`);
      },
      close() {
        events.push(`close ${tag}`);
        return Promise.resolve();
      },
      debugInfo: () => ({ tag }),
    };
  },
});

test('a component runs with the arguments in a text, and is closed in the end', async () => {
  events.length = 0;
  let folder = '';
  {
    await using c = await runComponent(passing, 'tag = string.to_upper("a")\nforward_to = [out, out]');
    folder = c.dataDir;
    assert.equal(c.exports.tag, 'prepared A');
    await sendEntries(c.exports.receiver, { line: 'x', labels: { a: 'b' } }, 'y').delivered;
    assert.deepEqual(entriesIn(c.out.batches), [
      { line: 'x', labels: { a: 'b' } },
      { line: 'y' },
      { line: 'x', labels: { a: 'b' } },
      { line: 'y' },
    ]);
    assert.deepEqual(c.metrics(), { 'test_passed_total{tag="A"}': 1, test_sizes_count: 1 });
    assert.deepEqual(c.logged, [{ level: 'info', message: 'passing', fields: { tag: 'A' } }]);
    assert.deepEqual(c.debugInfo(), { tag: 'A' });
    await until(() => c.exports.tag === 'running A');
    assert.equal(c.health, 'healthy: A');
    assert.ok(existsSync(folder));
  }
  assert.ok(!existsSync(folder));
  assert.deepEqual(events, ['run A', 'stop A', 'close A']);
});

test('an update replaces the instance behind the same inputs', async () => {
  events.length = 0;
  const other = collect(logs);
  {
    const names = { other: receiverFor(logs, other) };
    await using c = await runComponent(passing, 'tag = "a"\nforward_to = [out]', { names });
    const { receiver } = c.exports;
    await sendEntries(receiver, 'x').delivered;
    await c.update('tag = "b"\nforward_to = [other]');
    await sendEntries(receiver, 'y').delivered;
    assert.deepEqual([c.out.count, other.count], [1, 1]);
    await assert.rejects(c.update('tag = ""\nforward_to = []'), /tag must not be empty/);
    await sendEntries(receiver, 'z').delivered;
    assert.equal(other.count, 2);
    await until(() => c.health === 'healthy: b');
  }
  assert.deepEqual(events, ['run a', 'stop a', 'close a', 'run b', 'stop b', 'close b']);
});

test('mistakes in the text are told with their place', async () => {
  await assert.rejects(runComponent(passing, 'tag = "a", patience = "1"\nforward_to = [out]'), /test\.alloy:1:10/);
  assert.deepEqual(problemsOf(passing, 'patience = "x"\nforward_to = [nobody]'), [
    'test.alloy:2:15: identifier "nobody" does not exist',
    'test.alloy:1:12: "x" is not valid: time: invalid duration "x"',
  ]);
  assert.deepEqual(problemsOf(passing, 'tag = ""\nforward_to = [out]'), ['tag must not be empty']);
});

test('entries can be put through in one call', async () => {
  const { entries, metrics } = await putThrough(passing, 'tag = "a"', 'x', { line: 'y', metadata: { m: 'n' } });
  assert.deepEqual(entries, [{ line: 'x' }, { line: 'y', metadata: { m: 'n' } }]);
  assert.equal(metrics['test_passed_total{tag="a"}'], 1);
});
