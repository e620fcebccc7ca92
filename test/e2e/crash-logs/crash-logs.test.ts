import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { crashRun } from './run.ts';

/** With these, each way to treat requests, each way to rotate and both signals come up; `npm run test:crash` does more. */
const runs = [
  { queue: 'memory', seed: 1, kills: 7 },
  { queue: 'wal', seed: 2, kills: 5 },
] as const;

for (const { queue, seed, kills } of runs) {
  test(`no line is lost and only the last batch is repeated after kills (queue: ${queue})`, async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'crash-logs-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const report = await crashRun({ folder, seed, kills, queue, maxTime: 60_000 });
    assert.deepEqual([report.lostLines, report.problems], [[], []]);
    assert.equal(report.kills, kills);
    assert.ok(report.lines > 1000 && report.rotations > 0);
  });
}
