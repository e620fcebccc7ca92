import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Queue } from './config.ts';
import { crashRun } from './run.ts';

/*
 * `npm run test:crash`: the full form. Options: `--seed` to repeat a run, as far as time lets it, `--kills`, `--queue memory`,
 * `--minutes` for each queue at most, and `--verbose` to tell what is done. If something is lost, its folder is kept.
 */

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '100' },
    queue: { type: 'string', multiple: true, default: ['memory', 'wal'] },
    minutes: { type: 'string', default: '10' },
    verbose: { type: 'boolean', default: false },
  },
});

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const seed = Number(values.seed);
const kills = Number(values.kills);
for (const queue of values.queue as Queue[]) {
  say(`queue: ${queue}, seed: ${seed}`);
  const folder = mkdtempSync(path.join(tmpdir(), 'crash-logs-'));
  const maxTime = Number(values.minutes) * 60_000;
  const report = await crashRun({ folder, seed, kills, queue, maxTime, ...(values.verbose ? { tell: say } : {}) });
  const { lostLines, problems, ...figures } = report;
  for (const [name, value] of Object.entries(figures)) say(`  ${name}: ${value}`);
  if (report.kills < kills) say(`  fewer kills than wanted, since ${values.minutes} minutes are over`);
  for (const text of [...lostLines, ...problems]) say(`  ${text}`);
  if (lostLines.length === 0 && problems.length === 0) {
    rmSync(folder, { recursive: true });
  } else {
    say(`  files and logs are in ${folder}`);
    process.exitCode = 1;
  }
}
