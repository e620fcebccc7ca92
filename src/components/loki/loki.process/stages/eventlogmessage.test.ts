import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

const droppedSeries = 'loki_process_dropped_lines_total{reason="eventlogmessage_no_text"}';

/** What is extracted from a message besides the message itself, which is a label. */
async function extracted(message: string, args = '', labels: Readonly<Record<string, string>> = {}): Promise<object> {
  const stages = `stage.eventlogmessage {\n${args}\n}\nstage.structured_metadata { regex = "." }`;
  const { entries } = await putThrough(lokiProcess, stages, { line: 'x', labels: { ...labels, message } });
  const { message: _message, ...others } = entries[0]?.metadata ?? {};
  return others;
}

test('each line with a colon is a key and a value', async () => {
  const cases: readonly [message: string, want: Readonly<Record<string, string>>][] = [
    ['Key1: Value 1\r\nKey2: Value 2\r\nKey3: Value: 3', { Key1: 'Value 1', Key2: 'Value 2', Key3: 'Value: 3' }],
    ['Key1:\t  Value 1 \t\r\n', { Key1: 'Value 1' }],
    ['Key1:', { Key1: '' }],
    ['no colon\r\nKey1:x\r\n\r\nmore', { Key1: 'x' }],
    ['Key1: a\nKey2: b', { Key1: 'a\nKey2: b' }],
    ['Größe: 5', { Gr__e: '5' }],
    ['', {}],
  ];
  for (const [message, want] of cases) assert.deepEqual(await extracted(message), want, message);
});

test('keys that are no label names become similar names, or are left out', async () => {
  const message = 'Key 1: a\r\n0Key2: b\r\nKey@3: c\r\n: d';
  assert.deepEqual(await extracted(message), { Key_1: 'a', _Key2: 'b', Key_3: 'c', _: 'd' });
  assert.deepEqual(await extracted(message, 'drop_invalid_labels = true'), {});
  assert.deepEqual(await extracted(`${message}\r\nok: e`, 'drop_invalid_labels = true'), { ok: 'e' });
});

test('a key that is there gets another name, or its value is replaced', async () => {
  const labels = { test: 'old' };
  assert.deepEqual(await extracted('test: new', '', labels), { test: 'old', test_extracted: 'new' });
  assert.deepEqual(await extracted('test: new', 'overwrite_existing = true', labels), { test: 'old' });
  assert.deepEqual(await extracted('a: 1\r\na: 2\r\na: 3'), { a: '1', a_extracted: '3' });
  assert.deepEqual(await extracted('a: 1\r\na: 2', 'overwrite_existing = true'), { a: '2' });

  // A label wins over an extracted value in structured metadata, so here another label shows it.
  const stages = (overwrites: boolean) => `
    stage.eventlogmessage { overwrite_existing = ${overwrites} }
    stage.labels { values = { it = "test" } }`;
  for (const [overwrites, it] of [
    [true, 'new'],
    [false, 'old'],
  ] as const) {
    const entry = { line: 'x', labels: { test: 'old', message: 'test: new' } };
    const { entries } = await putThrough(lokiProcess, stages(overwrites), entry);
    assert.equal(entries[0]?.labels?.['it'], it);
  }
});

test('values of earlier stages count as there, also if no other stage reads them', async () => {
  const stages = `
    stage.json { expressions = { a = "", b = "", message = "" } }
    stage.json { regex = "^c$" }
    stage.eventlogmessage { }
    stage.labels { values = { a_extracted = "", b_extracted = "", c_extracted = "", d_extracted = "" } }`;
  const line = JSON.stringify({ a: 1, b: null, c: 2, message: 'a: x\r\nb: y\r\nc: z\r\nd: v' });
  const { entries } = await putThrough(lokiProcess, stages, line);
  assert.deepEqual(entries[0]?.labels, { a_extracted: 'x', b_extracted: 'y', c_extracted: 'z' });
});

test('without a message the entry passes, and with one that is no text it is dropped and counted', async () => {
  const stages = `
    stage.json { expressions = { text = "message.nothing" } }
    stage.eventlogmessage { source = "text" }
    stage.labels { values = { a = "" } }`;
  const { entries, metrics } = await putThrough(lokiProcess, stages, '{"message":1}', 'no JSON', '{"message":{}}');
  assert.deepEqual(entries, [{ line: 'no JSON' }]);
  assert.equal(metrics[droppedSeries], 2);
  const other = 'stage.json { expressions = { n = "" } }\nstage.eventlogmessage { source = "n" }';
  assert.deepEqual((await putThrough(lokiProcess, other, '{"n":5}')).entries, [{ line: '{"n":5}' }]);
});

test('any message is read', async () => {
  const part = fc.oneof(
    fc.constantFrom('\r\n', ':', 'key: value', '\ufffd', '__proto__: x', 'constructor:'),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes).toString()),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 20 }), async (parts) => {
      for (const [key, value] of Object.entries(await extracted(parts.join('')))) {
        assert.match(key, /^[a-zA-Z_][a-zA-Z0-9_]*$/);
        assert.equal(value, String(value).trim());
      }
    }),
    { numRuns: 200 },
  );
});

test('a message of very many keys is read up to a limit', async () => {
  const message = Array.from({ length: 5000 }, (_, index) => `k${index}: v`).join('\r\n');
  assert.ok(Object.keys(await extracted(message)).length <= 1000);
});

test('the source must be a label name', () => {
  for (const source of ['', 'a b', '1a', 'é']) {
    assert.deepEqual(problemsOf(lokiProcess, `stage.eventlogmessage { source = "${source}" }\nforward_to = [out]`), [
      'test.alloy:1:34: source must be a label name',
    ]);
  }
});
