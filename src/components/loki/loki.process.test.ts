import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { noLog } from '../../base/log.ts';
import { openMetrics } from '../../component/metrics.ts';
import { DeliveryError, type Consumer } from '../../flow/delivery.ts';
import type { LogBatch } from '../../model/log-batch.ts';
import { logs } from '../../model/signal.ts';
import { receiverFor } from '../../testkit/arguments.ts';
import { collect, refuse } from '../../testkit/collect.ts';
import { entriesIn, linesIn, sendEntries, type TestEntry } from '../../testkit/log-entries.ts';
import { problemsOf, putThrough, runComponent } from '../../testkit/run-component.ts';
import { processMetrics } from './loki.process/metrics.ts';
import { Pipeline } from './loki.process/pipeline.ts';
import { stage } from './loki.process/stage.ts';
import { stages } from './loki.process/stages.ts';
import { lokiProcess } from './loki.process.ts';

test('without stages, entries pass unchanged', async () => {
  const entries: readonly TestEntry[] = [
    { line: 'a', labels: { b: 'c' }, time: '2030-01-01T00:00:00.000000001Z', metadata: { m: 'n' } },
    { line: '' },
  ];
  const { entries: out } = await putThrough(lokiProcess, '', ...entries);
  assert.deepEqual(out, entries);
});

test('stages work in the order they are written', async () => {
  const swapped = (first: string, second: string) => putThrough(lokiProcess, `${first}\n${second}`, 'x');
  const [a, b] = ['a', 'b'].map((value) => `stage.static_labels { values = { it = "${value}" } }`) as [string, string];
  assert.deepEqual((await swapped(a, b)).entries[0]?.labels, { it: 'b' });
  assert.deepEqual((await swapped(b, a)).entries[0]?.labels, { it: 'a' });
});

test('what the next consumer answers is the answer', async () => {
  const error = new DeliveryError('not now', { retryable: true });
  await using c = await runComponent(lokiProcess, 'stage.docker { }\nforward_to = [sink]', {
    names: { sink: receiverFor(logs, refuse(error)) },
  });
  const { accepted, delivered } = sendEntries(c.exports.receiver, 'x');
  await assert.rejects(accepted, error);
  await assert.rejects(delivered, error);
});

test('a batch of which nothing is left is delivered', async () => {
  const error = new DeliveryError('not now', { retryable: true });
  await using c = await runComponent(lokiProcess, 'stage.drop { longer_than = "1B" }\nforward_to = [sink]', {
    names: { sink: receiverFor(logs, refuse(error)) },
  });
  await sendEntries(c.exports.receiver, 'xx', 'yy').delivered;
});

test('new stages take over while a batch is still under way', async () => {
  const answer = Promise.withResolvers<void>();
  const out = collect(logs);
  const sink: Consumer<LogBatch> = {
    consume(batch, delivery) {
      out.consume(batch, delivery);
      return out.batches.length === 1 ? answer.promise : undefined;
    },
  };
  const text = (value: string) => `stage.static_labels { values = { it = "${value}" } }\nforward_to = [sink]`;
  await using c = await runComponent(lokiProcess, text('old'), { names: { sink: receiverFor(logs, sink) } });
  const first = sendEntries(c.exports.receiver, 'x');
  await c.update(text('new'));
  await sendEntries(c.exports.receiver, 'y').delivered;
  answer.resolve();
  await first.delivered;
  assert.deepEqual(entriesIn(out.batches), [
    { line: 'x', labels: { it: 'old' } },
    { line: 'y', labels: { it: 'new' } },
  ]);
});

test('an ended pipeline refuses batches for now', async () => {
  await using c = await runComponent(lokiProcess, 'forward_to = [out]');
  await c.stop();
  await assert.rejects(sendEntries(c.exports.receiver, 'x').accepted, { isRetryable: true });
});

test('a batch that a stage fails on leaves nothing behind', async () => {
  const failing = stage({
    doc: 'Fails.',
    fields: {},
    compile: () => (next) => (cursor) => {
      if (cursor.text() === 'fail') throw new TypeError('a bug');
      next(cursor);
    },
  });
  const out = collect(logs);
  const span = { source: { name: '', text: '' }, start: 0, end: 0 };
  const variants = [
    { name: 'stage.cri', args: { max_partial_lines: 100, max_partial_line_size_truncate: false }, span },
    { name: 'stage.failing', args: {}, span },
  ];
  const table = { ...stages, 'stage.failing': failing };
  const { meters } = openMetrics(processMetrics);
  const pipeline = new Pipeline({ stages: variants, table, metrics: meters, log: noLog, next: out });
  const { accepted, delivered } = sendEntries(pipeline, 'good', 't stdout P part ', 'fail', 'after');
  await assert.rejects(accepted, { message: 'a bug', isRetryable: false });
  await assert.rejects(delivered, { message: 'a bug' });
  await sendEntries(pipeline, 'next', 't stdout F end').delivered;
  assert.deepEqual(linesIn(out.batches), ['next', 'end']);
});

test('values are extracted where only a later or a nested stage reads them', async () => {
  const line = '{"a":"1","b":"2","c":"c=3","d":"4","e":"5"}';
  const text = `
    stage.json { expressions = { a = "", b = "", c = "", d = "", e = "" } }
    stage.logfmt {
      mapping = { c = "" }
      source  = "c"
    }
    stage.regex {
      expression = "(?P<d>.)(?P<f>.?)$"
      source     = "d"
    }
    stage.match {
      selector = "{job=~\`.+\`}"
      stage.match {
        selector = "{job!=\`\`}"
        stage.labels { values = { a = "" } }
      }
      stage.output { source = "b" }
    }
    stage.labels { values = { c = "", d = "", f = "" } }
    stage.structured_metadata { values = { e = "" } }`;
  const { entries } = await putThrough(lokiProcess, text, { line, labels: { job: 'x' } }, line);
  assert.deepEqual(entries, [
    { line: '2', labels: { a: '1', c: '3', d: '4', f: '', job: 'x' }, metadata: { e: '5' } },
    { line, labels: { c: '3', d: '4', f: '' }, metadata: { e: '5' } },
  ]);
});

test('labels are taken as extracted values at the start and on the way into a match', async () => {
  const text = (inMatch: string) => `
    stage.json { expressions = { level = "" } }
    ${inMatch}`;
  const show = 'stage.labels { values = { shown = "level" } }';
  const entry = { line: '{"level":"json"}', labels: { level: 'label' } };
  const matched = (before: string) => `${before}\nstage.match {\n selector = "{job=\`\`}"\n ${show}\n}`;
  const cases: readonly [stages: string, shown: string][] = [
    [show, 'json'],
    [matched(''), 'label'],
    [matched('stage.label_drop { values = ["level"] }'), 'json'],
    [matched('stage.static_labels { values = { level = "static" } }'), 'static'],
    [`stage.static_labels { values = { level = "static" } }\n${show}`, 'json'],
  ];
  for (const [inMatch, shown] of cases) {
    const { entries } = await putThrough(lokiProcess, text(inMatch), entry);
    assert.equal(entries[0]?.labels?.['shown'], shown, inMatch);
  }
});

test('an unknown stage is told with the one that may be meant', () => {
  assert.deepEqual(problemsOf(lokiProcess, 'stage.jsn { }\nforward_to = [out]'), [
    'test.alloy:1:1: unrecognized block name "stage.jsn" (did you mean "stage.json"?)',
  ]);
});

const names = ['a', 'b', 'level', 'app', 'stream', 'none'] as const;
const name = fc.constantFrom(...names);
const quoted = (text: string) => JSON.stringify(text);
const mapping = (values: fc.Arbitrary<string>) =>
  fc
    .dictionary(name, values, { minKeys: 1, maxKeys: 3, noNullPrototype: true })
    .map((all) => `{ ${Object.entries(all).map(([key, value]) => `${key} = ${value}`).join(', ')} }`); // prettier-ignore
const nameOrNull = fc.oneof(name.map(quoted), fc.constant('null'), fc.constant('""'));
const query = fc.constantFrom('""', '"a"', '"a.b"', '"app || level"', '"b[0]"', '"length(a)"', '"@"', '"*"');
const pattern = fc.constantFrom(
  '"^a"',
  '"."',
  '"(?P<a>\\\\w+)=(?P<level>\\\\w*)"',
  '"^$"',
  '"e(?P<b>.)"',
  '"[^\\\\x00-\\\\x7f]"',
);
const source = fc.oneof(fc.constant(''), name.map((one) => `\nsource = ${quoted(one)}`)); // prettier-ignore
const yesOrNo = fc.constantFrom('true', 'false');

const leaf = fc.oneof(
  fc.constant('stage.cri { }'),
  fc.constant('stage.docker { }'),
  fc.tuple(mapping(query), source, yesOrNo).map(([all, from, drops]) => `stage.json {\nexpressions = ${all}${from}\ndrop_malformed = ${drops}\n}`),
  pattern.map((regex) => `stage.json { regex = ${regex} }`),
  fc.tuple(mapping(nameOrNull), source).map(([all, from]) => `stage.logfmt {\nmapping = ${all}${from}\n}`),
  pattern.map((regex) => `stage.logfmt { regex = ${regex} }`),
  fc.tuple(pattern, source, yesOrNo).map(([regex, from, labels]) => `stage.regex {\nexpression = ${regex}${from}\nlabels_from_groups = ${labels}\n}`),
  mapping(nameOrNull).map((all) => `stage.labels { values = ${all} }`),
  mapping(nameOrNull).map((all) => `stage.labels {\nvalues = ${all}\nsource_type = "structured_metadata"\n}`),
  mapping(nameOrNull).map((all) => `stage.static_labels { values = ${all} }`),
  name.map((one) => `stage.label_drop { values = [${quoted(one)}] }`),
  fc.tuple(mapping(nameOrNull), pattern).map(([all, regex]) => `stage.structured_metadata {\nvalues = ${all}\nregex = ${regex}\n}`),
  name.map((one) => `stage.output { source = ${quoted(one)} }`),
  fc.tuple(name, fc.constantFrom('Unix', 'RFC3339Nano', '2006 Jan _2')).map(([one, format]) => `stage.timestamp {\nsource = ${quoted(one)}\nformat = ${quoted(format)}\n}`),
  fc.tuple(source, pattern).map(([from, regex]) => `stage.drop {\nexpression = ${regex}${from}\n}`),
  fc.tuple(name, name).map(([one, other]) => `stage.drop { source = "${one},${other}" }`),
); // prettier-ignore

const selector = fc.constantFrom('{app=`x`}', '{level!=``} |= `a`', '{stream=~`std.*`} !~ `^$`');
const { anyStage } = fc.letrec<{ anyStage: string; match: string }>((tie) => ({
  anyStage: fc.oneof({ depthSize: 'small', maxDepth: 3 }, leaf, tie('match')),
  match: fc
    .tuple(selector, fc.array(tie('anyStage'), { maxLength: 3 }))
    .map(([chosen, inner]) =>
      inner.length === 0
        ? `stage.match {\nselector = ${quoted(chosen)}\naction = "drop"\n}`
        : `stage.match {\nselector = ${quoted(chosen)}\n${inner.join('\n')}\n}`,
    ),
}));
const pipeline = fc.array(anyStage, { minLength: 1, maxLength: 6 }).map((all) => all.join('\n'));

const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom('x', '5', 'a=b', '{"a":1}', null, -0, 1e21));
const line = fc.oneof(
  fc.dictionary(name, value, { maxKeys: 4 }).map((all) => JSON.stringify(all)),
  fc.dictionary(name, fc.string(), { maxKeys: 4 }).map((all) => Object.entries(all).map(([key, text]) => `${key}=${text}`).join(' ')),
  fc.tuple(fc.constantFrom('2024-05-01T12:34:56Z', 't'), fc.constantFrom('stdout', 'stderr'), fc.constantFrom('F ', ''), fc.string()).map((parts) => parts.join(' ')),
  fc.record({ log: fc.string(), stream: fc.constantFrom('stdout', ''), time: fc.constantFrom('2024-05-01T12:34:56Z', '') }).map((all) => JSON.stringify(all)),
  fc.string({ unit: 'binary' }),
  fc.constant(''),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
); // prettier-ignore
const labels = fc.dictionary(name, fc.constantFrom('x', 'y', 'stdout', ''), { maxKeys: 3, noNullPrototype: true });
const metadata = fc.dictionary(name, fc.constantFrom('m', 'é', ''), { maxKeys: 2, noNullPrototype: true });
const entry: fc.Arbitrary<TestEntry> = fc.record({ line, labels, metadata }, { requiredKeys: ['line'] });

function droppedIn(metrics: Readonly<Record<string, number>>): number {
  return Object.entries(metrics)
    .filter(([series]) => series.startsWith('loki_process_dropped_lines_total'))
    .reduce((sum, [, count]) => sum + count, 0);
}

/** As `putThrough`, with each entry in a batch of its own. */
async function putThroughOneByOne(text: string, entries: readonly TestEntry[]): Promise<TestEntry[]> {
  await using c = await runComponent(lokiProcess, `${text}\nforward_to = [out]`);
  for (const one of entries) await sendEntries(c.exports.receiver, one).delivered;
  return entriesIn(c.out.batches);
}

test('whatever the stages and the entries are, none is lost without being counted, and batches make no difference', async () => {
  const readsEverything = 'stage.structured_metadata { regex = "[^\\\\x00-\\\\x{10FFFF}]" }';
  await fc.assert(
    fc.asyncProperty(pipeline, fc.array(entry, { minLength: 1, maxLength: 12 }), async (text, entries) => {
      const { entries: out, metrics } = await putThrough(lokiProcess, text, ...entries);
      assert.equal(out.length + droppedIn(metrics), entries.length);
      assert.deepEqual(await putThroughOneByOne(text, entries), out);
      const all = await putThrough(lokiProcess, `${text}\n${readsEverything}`, ...entries);
      assert.deepEqual(all.entries, out, 'what nobody reads does not matter');
    }),
    { numRuns: 400 },
  );
});

test('lines in parts are joined, or lost with their batch, whatever the next consumer answers', async () => {
  const part = fc.record({ app: fc.constantFrom('a', 'b', 'c'), isPartial: fc.boolean() });
  const step = fc.record({
    parts: fc.array(part, { minLength: 1, maxLength: 4 }),
    refusals: fc.nat({ max: 2 }),
    isSlow: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
      let refusals = 0;
      const out = collect(logs);
      const sink: Consumer<LogBatch> = {
        async consume(batch, delivery) {
          if (refusals % 2 === 1) await new Promise((resolve) => setImmediate(resolve));
          if (refusals-- > 0) throw new DeliveryError('not now', { retryable: true });
          out.consume(batch, delivery);
        },
      };
      await using c = await runComponent(lokiProcess, 'stage.cri { }\nforward_to = [sink]', {
        names: { sink: receiverFor(logs, sink) },
      });
      const lines: string[] = [];
      const open = new Map<string, string>();
      const deliveries: Promise<void>[] = [];
      let number = 0;
      const ends = ['a', 'b', 'c'].map((app) => ({ app, isPartial: false }));
      for (const { parts, refusals: count } of [...steps, { parts: ends, refusals: 0 }]) {
        const batch = parts.map(({ app, isPartial }): TestEntry => {
          const content = `${app}${number++},`;
          const whole = (open.get(app) ?? '') + content;
          open.set(app, isPartial ? whole : '');
          if (!isPartial) lines.push(whole);
          return { line: `t stdout ${isPartial ? 'P' : 'F'} ${content}`, labels: { app } };
        });
        refusals = count;
        for (;;) {
          const { accepted, delivered } = sendEntries(c.exports.receiver, ...batch);
          delivered.catch(() => undefined);
          if (await accepted.then(() => true, () => false)) {
            deliveries.push(delivered);
            break;
          }
        } // prettier-ignore
      }
      await Promise.all(deliveries);
      assert.deepEqual(linesIn(out.batches), lines);
    }),
    { numRuns: 200 },
  );
});

test('a line of a megabyte goes through every kind of stage', async () => {
  const huge = 'x'.repeat(1024 * 1024);
  const text = `
    stage.cri { }
    stage.docker { }
    stage.json { expressions = { a = "", b = "a || b" } }
    stage.logfmt { mapping = { a = "", k = "" } }
    stage.regex { expression = "^(?P<r>x+)" }
    stage.match {
      selector = "{stream=\`stdout\`} |~ \`x+$\`"
      stage.output { source = "a" }
    }
    stage.structured_metadata { values = { k = "", r = "" } }`;
  const { entries } = await putThrough(
    lokiProcess,
    text,
    huge,
    `t stdout F ${huge}`,
    JSON.stringify({ a: huge }),
    `k=${'x'.repeat(60_000)} rest`,
    JSON.stringify({ log: huge, stream: 'stdout', time: huge }),
    '['.repeat(1024 * 1024),
    `{"a":${'{"a":'.repeat(200_000)}`,
    { line: Buffer.alloc(1024 * 1024, 0xff) },
  );
  assert.equal(entries.length, 8);
  assert.deepEqual(
    entries.map(({ metadata: pairs }) => [pairs?.['k']?.length, pairs?.['r']?.length]),
    [
      [undefined, huge.length],
      [undefined, huge.length],
      [undefined, undefined],
      [60_000, undefined],
      [undefined, huge.length],
      [undefined, undefined],
      [undefined, undefined],
      [undefined, undefined],
    ],
  );
});

test('bytes that are not UTF-8 stay as they are unless a stage makes text of them', async () => {
  const broken = Buffer.from([0x61, 0xff, 0x00, 0xc3]);
  await using c = await runComponent(
    lokiProcess,
    `stage.regex { expression = "(?P<r>a.)" }
     stage.labels { values = { r = "" } }
     stage.match {
       selector = "{r=~\`.*\`} |~ \`.\`"
       stage.static_labels { values = { seen = "yes" } }
     }
     forward_to = [out]`,
  );
  await sendEntries(c.exports.receiver, { line: broken }, { line: 'other' }).delivered;
  const [batch = assert.fail()] = c.out.batches;
  assert.deepEqual(batch.bytes.subarray(batch.lineStarts[0], batch.lineEnds[0]), broken);
  assert.deepEqual(entriesIn([batch])[0]?.labels, { r: 'a\ufffd', seen: 'yes' });
});
