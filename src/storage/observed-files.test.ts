import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { DurableQueue } from './durable-queue.ts';
import { realFiles } from './file-system.ts';
import { observedFiles, type LogFileObserver } from './observed-files.ts';

test('what a queue does with its files is told', async (t) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'observed-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const told: string[] = [];
  const observer: LogFileObserver = {
    began: (segment) => told.push(`began ${segment}`),
    wrote: (bytes) => told.push(bytes > 800 ? 'wrote' : 'too little'),
    synced: (seconds) => told.push(seconds >= 0 ? 'synced' : 'odd'),
    removed: (isGone) => told.push(`removed ${isGone}`),
  };
  const failing = { ...realFiles, unlink: () => Promise.reject(new Error('no')) };
  for (const files of [observedFiles(() => observer), observedFiles(() => observer, failing)]) {
    const report = (): void => undefined;
    const queue = await DurableQueue.open({ directory, maxBytes: 8000, whenFull: 'refuse', report, files });
    for (const text of ['a', 'b']) await queue.append(Buffer.from(text.repeat(800)));
    for (let count = 0; count < 2; count++) queue.acknowledge((await queue.take())?.sequence ?? 0);
    await queue.close();
  }
  const [first, second] = [told.slice(0, told.lastIndexOf('removed true') + 1), told.slice(told.lastIndexOf('removed true') + 1)]; // prettier-ignore
  assert.deepEqual(first.toSorted(), ['began 1', 'began 2', 'removed true', 'removed true', 'synced', 'synced', 'wrote', 'wrote']); // prettier-ignore
  assert.ok(second.includes('removed false') && !second.includes('removed true'));
});
