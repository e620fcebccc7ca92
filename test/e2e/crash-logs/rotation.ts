import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Who rotates a file and how: `rename` and `copytruncate` by hand, with a time in the name as the kubelet does it;
 * `create` and `logrotate-copytruncate` by logrotate, which counts names up.
 */
export type Rotation = 'rename' | 'create' | 'copytruncate' | 'logrotate-copytruncate';

const byHand: Readonly<Record<Rotation, Rotation>> = {
  rename: 'rename',
  create: 'rename',
  copytruncate: 'copytruncate',
  'logrotate-copytruncate': 'copytruncate',
};

/** The rotation, or where there is no logrotate the one by hand that is most like it. The CI must have logrotate. */
export function possible(rotation: Rotation): Rotation {
  hasLogrotate ??= process.env['CI'] === 'true' || spawnSync('logrotate', ['--version']).error === undefined;
  return hasLogrotate ? rotation : byHand[rotation];
}

let hasLogrotate: boolean | undefined;

/** Whether what is written to the open file from then on goes to a file with another name. */
export function isRenaming(rotation: Rotation): boolean {
  return rotation === 'rename' || rotation === 'create';
}

let rotations = 0;

/**
 * Gives what a file holds another name. Copying and then truncating loses by its nature what is written between the two,
 * whoever reads the file. So nothing may be written while this runs: the writer calls it, and it returns when it is done.
 */
export function rotate(file: string, rotation: Rotation): void {
  switch (rotation) {
    case 'rename':
      renameSync(file, nextName(file));
      return;
    case 'copytruncate':
      copyFileSync(file, nextName(file));
      truncateSync(file);
      return;
    case 'create':
      runLogrotate(file, 'create');
      return;
    case 'logrotate-copytruncate':
      runLogrotate(file, 'copytruncate');
      return;
  }
}

function nextName(file: string): string {
  return `${file}.20260101-${String(++rotations).padStart(6, '0')}`;
}

function runLogrotate(file: string, how: string): void {
  const config = path.join(path.dirname(file), '..', `logrotate-${path.basename(file)}.conf`);
  writeFileSync(config, `${file} {\n  rotate 1000\n  ${how}\n}\n`, { mode: 0o600 });
  execFileSync('logrotate', ['--force', '--state', `${config}.state`, config]);
}
