// Runs before `npm start` and `npm test`, with whatever Node the machine has: installs what package-lock.json names if
// that was not done yet, and makes sure that the right Node came with it. Plain JavaScript that old versions understand.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const node = path.join(root, 'node_modules/node/bin/node');
const installed = path.join(root, 'node_modules/.package-lock.json');
const wanted = path.join(root, 'package-lock.json');

function fail(message) {
  console.error(`setup: ${message}`);
  process.exit(1);
}

const isCurrent = existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs;
if (!isCurrent) {
  console.error('setup: installing dependencies with npm ci');
  const npm = process.env.npm_execpath;
  const [command, args] = npm === undefined ? ['npm', ['ci']] : [process.execPath, [npm, 'ci']];
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) fail('npm ci failed');
}

const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
const [, major = 0, minor = 0] = /^v(\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
if (Number(major) < 24 || (Number(major) === 24 && Number(minor) < 12)) {
  fail(
    'the package "node" has not brought Node.js 24.12 or newer; its install script must be allowed to run: ' +
      'remove node_modules, make sure that the npm setting ignore-scripts is off, and try again',
  );
}
