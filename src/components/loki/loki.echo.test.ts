import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sendEntries } from '../../testkit/log-entries.ts';
import { runComponent } from '../../testkit/run-component.ts';
import { lokiEcho } from './loki.echo.ts';

test('every entry becomes a line of the log', async () => {
  await using c = await runComponent(lokiEcho, '');
  await sendEntries(
    c.exports.receiver,
    {
      line: 'é\n',
      labels: { b: '2', a: '"1"' },
      time: '2024-05-01T12:34:56.789012345Z',
      metadata: { trace_id: 'x', é: 'y' },
    },
    '',
  ).delivered;
  assert.deepEqual(c.logged, [
    {
      level: 'info',
      message: 'received log entry',
      fields: {
        entry: 'é\n',
        entry_timestamp: '2024-05-01T12:34:56.789012345Z',
        labels: String.raw`{a="\"1\"", b="2"}`,
        structured_metadata: '[{"name":"trace_id","value":"x"},{"name":"é","value":"y"}]',
      },
    },
    {
      level: 'info',
      message: 'received log entry',
      fields: { entry: '', entry_timestamp: '2026-01-02T03:04:05Z', labels: '{}', structured_metadata: '[]' },
    },
  ]);
});
