import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { TestEntry } from '../../../../testkit/log-entries.ts';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

/** A stage of rules, which then shows what was truncated as a label. */
function truncate(...rules: readonly string[]): string {
  const blocks = rules.map((rule) => `rule {\n${rule}\n}`);
  return `stage.truncate {\n${blocks.join('\n')}\n}\nstage.labels { values = { truncated = "" } }`;
}

async function one(stages: string, entry: TestEntry): Promise<{ entry: TestEntry | undefined; counts: object }> {
  const { entries, metrics } = await putThrough(lokiProcess, stages, entry);
  const fields = ['extracted', 'label', 'line', 'structured_metadata'];
  const counts = fields.flatMap((field) => {
    const count = metrics[`loki_process_truncated_fields_total{field="${field}"}`] ?? 0;
    return count === 0 ? [] : [[field, count]];
  });
  return { entry: entries[0], counts: Object.fromEntries(counts) as object };
}

test('a line longer than the limit without the suffix is cut to that', async () => {
  const cases: readonly [rule: string, line: string, want: string][] = [
    ['limit = "10B"', '12345678901', '1234567890'],
    ['limit = "10B"', '1234567890', '1234567890'],
    ['limit = 10', '12345678901', '1234567890'],
    ['limit = "10B"\nsuffix = "..."', '12345678901', '1234567...'],
    ['limit = "10B"\nsuffix = "..."', '12345678', '1234567...'],
    ['limit = "10B"\nsuffix = "..."', '1234567', '1234567'],
    ['limit = "5B"\nsuffix = "…"', '12345', '12…'],
    ['limit = "1KiB"', 'x'.repeat(2000), 'x'.repeat(1024)],
    ['limit = "3B"', 'éé', 'é\ufffd'],
    ['limit = "1B"', '', ''],
  ];
  for (const [rule, line, want] of cases) {
    const { entry, counts } = await one(truncate(rule), { line });
    const label = `${rule} on ${line}`;
    const isCut = line !== want;
    assert.deepEqual(entry, { line: want, ...(isCut ? { labels: { truncated: 'line' } } : {}) }, label);
    assert.deepEqual(counts, isCut ? { line: 1 } : {}, label);
  }
});

test('labels are cut, all of them or those that are named', async () => {
  const labels = { app: 'my-very-long-app', version: '1.0.0-longer-than-that', env: 'prod' };
  const rule = 'limit = "15B"\nsuffix = "[truncated]"\nsource_type = "label"';
  const all = await one(truncate(rule), { line: 'a line that is long enough', labels });
  assert.deepEqual(all.entry?.labels, {
    app: 'my-v[truncated]',
    version: '1.0.[truncated]',
    env: 'prod',
    truncated: 'label',
  });
  assert.equal(all.entry?.line, 'a line that is long enough');
  assert.deepEqual(all.counts, { label: 2 });

  const some = await one(truncate(`${rule}\nsources = ["version", "env", "missing"]`), { line: 'x', labels });
  assert.deepEqual(some.entry?.labels, { ...labels, version: '1.0.[truncated]', truncated: 'label' });
  assert.deepEqual(some.counts, { label: 1 });
});

test('structured metadata is cut, all of it or what is named', async () => {
  const metadata = { a: '123456', b: '1234567', c: '1' };
  const rule = 'limit = "5B"\nsource_type = "structured_metadata"';
  const all = await one(truncate(rule), { line: '1234567', metadata });
  assert.deepEqual(all.entry?.metadata, { a: '12345', b: '12345', c: '1' });
  assert.deepEqual(all.counts, { structured_metadata: 2 });
  const some = await one(truncate(`${rule}\nsources = ["b", "c"]`), { line: '1234567', metadata });
  assert.deepEqual(some.entry?.metadata, { a: '123456', b: '12345', c: '1' });
  assert.deepEqual(some.counts, { structured_metadata: 1 });
});

test('extracted values are cut if they are text, and labels stay', async () => {
  const json = 'stage.json { expressions = { a = "", b = "", n = "", nothing = "" } }';
  const shown = 'stage.labels { values = { a = "", b = "", n = "", was = "app" } }';
  const line = '{"a":"123456","b":"12","n":123456,"nothing":null}';
  const entry = { line, labels: { app: 'abcdefgh' } };
  const rule = 'limit = "5B"\nsuffix = "+"\nsource_type = "extracted"';

  const all = await one(`${json}\n${truncate(rule)}\n${shown}`, entry);
  const common = { a: '1234+', app: 'abcdefgh', b: '12', n: '123456', truncated: 'extracted' };
  assert.deepEqual(all.entry, { line, labels: { ...common, was: 'abcd+' } });
  assert.deepEqual(all.counts, { extracted: 2 });

  const named = await one(`${json}\n${truncate(`${rule}\nsources = ["a", "n", "nothing", "none"]`)}\n${shown}`, entry);
  assert.deepEqual(named.entry?.labels, { ...common, was: 'abcdefgh' });
  assert.deepEqual(named.counts, { extracted: 1 });
});

test('several rules and stages add up', async () => {
  const entry = { line: '1234567890', labels: { app: '1234567890' }, metadata: { m: '1234567890' } };
  const rules = ['line', 'structured_metadata', 'label', 'extracted'].map(
    (kind) => `limit = "5B"\nsource_type = "${kind}"`,
  );
  const together = await one(truncate(...rules), entry);
  assert.deepEqual(together.entry, {
    line: '12345',
    labels: { app: '12345', truncated: 'extracted,label,line,structured_metadata' },
    metadata: { m: '12345' },
  });
  assert.deepEqual(together.counts, { extracted: 1, label: 1, line: 1, structured_metadata: 1 });

  const stages = rules.slice(0, 2).map((rule) => truncate(rule));
  const apart = await one(stages.join('\n'), entry);
  assert.equal(apart.entry?.labels?.['truncated'], 'line,structured_metadata');

  const twice = await one(truncate('limit = "8B"', 'limit = "4B"\nsuffix = "."'), { line: '1234567890' });
  assert.deepEqual(twice, { entry: { line: '123.', labels: { truncated: 'line' } }, counts: { line: 2 } });
});

test('each entry tells what was cut from itself', async () => {
  const { entries } = await putThrough(lokiProcess, truncate('limit = "2B"'), 'abc', 'ab', 'cde', '');
  assert.deepEqual(entries, [
    { line: 'ab', labels: { truncated: 'line' } },
    { line: 'ab' },
    { line: 'cd', labels: { truncated: 'line' } },
    { line: '' },
  ]);
});

test('a character of a value that does not fit as a whole is left out', async () => {
  const cases: readonly [limit: number, suffix: string, want: string][] = [
    [1, '', ''],
    [2, '', 'é'],
    [3, '', 'éa'],
    [6, '', 'éa'],
    [7, '', 'éa😀'],
    [9, '!', 'éa😀!'],
  ];
  for (const [limit, suffix, want] of cases) {
    const rule = `limit = ${limit}\nsuffix = "${suffix}"\nsource_type = "label"`;
    const { entry } = await one(truncate(rule), { line: 'x', labels: { a: 'éa😀éé' } });
    assert.equal(entry?.labels?.['a'], want, `${limit}`);
  }
});

test('no value is longer than the limit, whatever it is', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 }).map((value) => value.toWellFormed());
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 20 }),
      text,
      fc.integer({ min: 4, max: 12 }),
      async (line, value, limit) => {
        const rule = (kind: string) => `limit = ${limit}\nsuffix = "é."\nsource_type = "${kind}"\n`;
        const stages = `stage.truncate {\n rule {\n${rule('line')} }\n rule {\n${rule('label')} }\n}`;
        const { entries } = await putThrough(lokiProcess, stages, { line: Buffer.from(line), labels: { a: value } });
        const size = Buffer.byteLength(value);
        const label = entries[0]?.labels?.['a'] ?? '';
        if (size <= limit - 3) assert.equal(label, value);
        else
          assert.ok(label.endsWith('é.') && value.startsWith(label.slice(0, -2)) && Buffer.byteLength(label) <= limit);
        assert.equal(String(entries[0]?.line).endsWith('é.'), line.length > limit - 3);
      },
    ),
    { numRuns: 100 },
  );
});

test('mistakes in the arguments are found where they are', () => {
  const cases: readonly [args: string, problem: string][] = [
    ['', '1:1: missing required block "rule"'],
    ['rule { }', '2:1: missing required attribute "limit"'],
    ['rule { limit = 0 }', '2:16: limit must be greater than 0'],
    ['rule {\n limit = "3B"\n suffix = "..."\n}', '2:1: `suffix` must be shorter than `limit`'],
    ['rule {\n limit = "3B"\n suffix = "éé"\n}', '2:1: `suffix` must be shorter than `limit`'],
    ['rule {\n limit = "3B"\n sources = ["a"]\n}', '2:1: `sources` cannot be set for lines'],
    ['rule {\n limit = "3B"\n source_type = "line"\n sources = ["a"]\n}', '2:1: `sources` cannot be set for lines'],
    [
      'rule {\n limit = "3B"\n source_type = "body"\n}',
      '4:16: "body" is "body", want one of "line", "label", "structured_metadata", "extracted"',
    ],
  ];
  for (const [args, problem] of cases) {
    assert.deepEqual(problemsOf(lokiProcess, `stage.truncate {\n${args}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
  }
});
