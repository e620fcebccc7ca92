import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { defaultTime } from '../../../../testkit/log-entries.ts';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

/** A stage that leaves the timestamp alone. */
const pack = (labels: string) => `stage.pack {\n labels = ${labels}\n ingest_timestamp = false\n}`;

test('the line becomes a JSON object of values in the order of their names and the line', async () => {
  const { entries } = await putThrough(
    lokiProcess,
    pack('["pod", "container", "missing", "pod"]'),
    { line: 'some text', labels: { pod: 'web-1', container: 'app', job: 'x' }, metadata: { a: 'b' } },
    { line: 'other', labels: { pod: '' } },
    { line: '' },
  );
  assert.deepEqual(entries, [
    { line: '{"container":"app","pod":"web-1","_entry":"some text"}', labels: { job: 'x' }, metadata: { a: 'b' } },
    { line: '{"pod":"","_entry":"other"}' },
    { line: '{"_entry":""}' },
  ]);
});

test('extracted values are packed too, and those that are no text are left out with their labels', async () => {
  const stages = `
    stage.json { expressions = { n = "", yes = "", nothing = "", level = "" } }
    ${pack('["n", "yes", "nothing", "level"]')}`;
  const { entries } = await putThrough(
    lokiProcess,
    stages,
    { line: '{"n":1.50,"yes":true,"nothing":null,"level":"new"}', labels: { nothing: 'label', level: 'old' } },
    { line: 'no JSON', labels: { level: 'old' } },
  );
  assert.deepEqual(entries, [
    {
      line: String.raw`{"level":"new","n":"1.5","yes":"true","_entry":"{\"n\":1.50,\"yes\":true,\"nothing\":null,\"level\":\"new\"}"}`,
      labels: { nothing: 'label' },
    },
    { line: '{"level":"old","_entry":"no JSON"}' },
  ]);
});

test('labels that a stage has set count only if they were extracted too', async () => {
  const stages = `stage.static_labels { values = { app = "x" } }\n${pack('["app"]')}`;
  const { entries } = await putThrough(lokiProcess, stages, 'y');
  assert.deepEqual(entries, [{ line: '{"_entry":"y"}', labels: { app: 'x' } }]);
});

test('text is escaped as Go does it', async () => {
  const line = 'say "\\hi"\b\f\n\r\t\u0001\u007f <a>&b \u2028é😀';
  const { entries } = await putThrough(lokiProcess, pack('["a<b"]'), { line, labels: { 'a<b': '"' } });
  assert.deepEqual(entries, [
    {
      line: String.raw`{"a\u003cb":"\"","_entry":"say \"\\hi\"\b\f\n\r\t\u0001${'\u007f'} \u003ca\u003e\u0026b \u2028é😀"}`,
    },
  ]);
});

test('bytes that are no UTF-8 are replaced', async () => {
  const line = Buffer.from([0x61, 0xff, 0x62]);
  const { entries } = await putThrough(lokiProcess, pack('[]'), { line });
  assert.deepEqual(entries, [{ line: '{"_entry":"a\ufffdb"}' }]);
});

test('the timestamp becomes the current time, and no two entries have the same', async () => {
  mock.timers.enable({ apis: ['Date'], now: Date.parse('2030-01-01T00:00:00.5Z') });
  try {
    const { entries } = await putThrough(lokiProcess, 'stage.pack { labels = [] }', 'a', 'a');
    assert.deepEqual(
      entries.map(({ time }) => time),
      ['2030-01-01T00:00:00.5Z', '2030-01-01T00:00:00.500000001Z'],
    );
  } finally {
    mock.timers.reset();
  }
  const kept = await putThrough(lokiProcess, pack('[]'), { line: 'a', time: defaultTime });
  assert.deepEqual(kept.entries, [{ line: '{"_entry":"a"}' }]);
});

test('labels must be given', () => {
  assert.deepEqual(problemsOf(lokiProcess, 'stage.pack { }\nforward_to = [out]'), [
    'test.alloy:1:1: missing required attribute "labels"',
  ]);
});
