import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { crashRun } from './run.ts';

/** `npm run test:crash` does more. */
const runs = [
  { protocol: 'grpc', seed: 3, kills: 6 },
  { protocol: 'http', seed: 4, kills: 6 },
] as const;

for (const { protocol, seed, kills } of runs) {
  test(`no span that was accepted is lost through kills (${protocol})`, async (t) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'crash-traces-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const report = await crashRun({ folder, seed, kills, protocol, maxTime: 60_000 });
    assert.deepEqual(report.lost, []);
    assert.equal(report.kills, kills);
    assert.ok(report.acknowledged > 200);
  });
}
