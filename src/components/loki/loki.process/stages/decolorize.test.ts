import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesIn, sendEntries } from '../../../../testkit/log-entries.ts';
import { putThrough, runComponent } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

test('lines lose their escape sequences and nothing else', async () => {
  const { entries } = await putThrough(
    lokiProcess,
    'stage.decolorize { }',
    { line: '\x1b[31merror\x1b[0m: é', labels: { a: '1' }, metadata: { b: '\x1b[1m' } },
    'plain [31m line',
    '\x1b[0m',
    '\x9b1mx',
    '',
    '\x1b[36mcyan\x1b[0m',
  );
  assert.deepEqual(entries, [
    { line: 'error: é', labels: { a: '1' }, metadata: { b: '\x1b[1m' } },
    { line: 'plain [31m line' },
    { line: '' },
    { line: 'x' },
    { line: '' },
    { line: 'cyan' },
  ]);
});

test('stages after it see the plain line, whatever made the line before', async () => {
  const stages = `
    stage.json { expressions = { message = "" } }
    stage.output { source = "message" }
    stage.decolorize { }
    stage.regex { expression = "^(?P<level>[a-z]+)" }
    stage.labels { values = { level = "" } }`;
  const line = (level: string) => JSON.stringify({ message: `\x1b[1m${level}\x1b[0m x` });
  const { entries } = await putThrough(lokiProcess, stages, line('warn'), line('info'), 'none');
  assert.deepEqual(entries, [
    { line: 'warn x', labels: { level: 'warn' } },
    { line: 'info x', labels: { level: 'info' } },
    { line: 'none', labels: { level: 'none' } },
  ]);
});

test('bytes that are no UTF-8 stay', async () => {
  await using c = await runComponent(lokiProcess, 'stage.decolorize { }\nforward_to = [out]');
  const line = Buffer.from([0xff, 0x1b, 0x5b, 0x6d, 0xc3]);
  await sendEntries(c.exports.receiver, { line }).delivered;
  assert.deepEqual(linesIn(c.out.batches), ['\ufffd\ufffd']);
  const [batch] = c.out.batches;
  assert.deepEqual(batch?.bytes.subarray(batch.lineStarts[0], batch.lineEnds[0]), Buffer.from([0xff, 0xc3]));
});
