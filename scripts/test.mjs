// Runs the tests below the given folders or files, or all of them. Options of `node --test` are passed on. In one process
// by default, which is quick; each file in its own where CI is set, which finds what files leave behind for each other. A
// test that hangs, or leaves something running, fails or is cut short; it never keeps the others from their turn.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';

const args = process.argv.slice(2);
const options = args.filter((arg) => arg.startsWith('-'));
const places = args.filter((arg) => !arg.startsWith('-'));
const files = (places.length > 0 ? places : ['src', 'test']).map((place) =>
  statSync(place, { throwIfNoEntry: false })?.isDirectory() ? `${place}/**/*.test.ts` : place,
);
const isolation = process.env.CI === 'true' ? 'process' : 'none';
const { status } = spawnSync(
  process.execPath,
  ['--test', `--test-isolation=${isolation}`, '--test-timeout=120000', '--test-force-exit', ...options, ...files],
  { stdio: 'inherit', timeout: 45 * 60_000 },
);
process.exit(status ?? 1);
