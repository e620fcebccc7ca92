import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Protocol } from './config.ts';
import { crashRun } from './run.ts';

/*
 * `npm run test:crash-traces`: the full form of the crash suite for traces. Options: `--seed` to repeat a run, as far as time
 * lets it, `--kills`, `--protocol grpc`, and `--minutes` for each protocol at most. If something is lost, its folder
 * is kept.
 */

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    kills: { type: 'string', default: '100' },
    protocol: { type: 'string', multiple: true, default: ['grpc', 'http'] },
    minutes: { type: 'string', default: '10' },
  },
});

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

const seed = Number(values.seed);
const kills = Number(values.kills);
for (const protocol of values.protocol as Protocol[]) {
  say(`traces over ${protocol}, seed: ${seed}`);
  const folder = mkdtempSync(path.join(tmpdir(), 'crash-traces-'));
  const { lost, ...figures } = await crashRun({
    folder,
    seed,
    kills,
    protocol,
    maxTime: Number(values.minutes) * 60_000,
  });
  for (const [name, value] of Object.entries(figures)) say(`  ${name}: ${value}`);
  say(`  lost: ${lost.length}`);
  if (figures.kills < kills) say(`  fewer kills than wanted, since ${values.minutes} minutes are over`);
  if (lost.length === 0) {
    rmSync(folder, { recursive: true });
  } else {
    say(`  ${lost.join(', ')}`);
    say(`  files and logs are in ${folder}`);
    process.exitCode = 1;
  }
}
