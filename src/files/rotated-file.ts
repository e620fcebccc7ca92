import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Checkpoint, FileId } from './checkpoint.ts';
import { LineFile } from './line-file.ts';
import type { LineFileOptions } from './reader-settings.ts';

/** How much of a file must have been read so that its content alone tells it from others. */
const minTelling = 64;

/** How many files beside a path are looked at. */
const maxSiblings = 1000;

/** A file beside a path. */
interface Sibling {
  readonly path: string;
  readonly stats: Stats;
}

/** A file that rotation has given another name, open and placed. */
export interface Rotated {
  readonly path: string;
  readonly file: LineFile;
}

/**
 * Searches beside a path for the file that a checkpoint is about, after rotation gave it another name: the same file, or
 * a copy of its content. Of several copies the largest is taken; compressed ones are not recognized.
 */
export async function findRotated(
  path: string,
  checkpoint: Checkpoint,
  by: 'identity' | 'content',
  options: LineFileOptions,
): Promise<Rotated | undefined> {
  const { identity, offset } = checkpoint;
  if (identity === undefined) return undefined;
  if (by === 'content' && Math.max(offset, identity.head?.size ?? 0) < minTelling) return undefined;
  const candidates = (await siblingsOf(path)).filter(({ stats }) => {
    const isSame = stats.ino === identity.inode && stats.dev === identity.device;
    return stats.size >= offset && (by === 'content' || isSame);
  });
  for (const candidate of candidates.toSorted((a, b) => b.stats.size - a.stats.size)) {
    const file = await LineFile.open(candidate.path, options).catch(() => undefined);
    if (file === undefined) continue;
    if (await file.continueAt(checkpoint).catch(() => false)) return { path: candidate.path, file };
    await file.close();
  }
  return undefined;
}

/** Searches beside a path for a file that rotation gave another name; returns its path. */
export async function findRenamed(path: string, { device, inode }: FileId): Promise<string | undefined> {
  const siblings = await siblingsOf(path);
  return siblings.find(({ stats }) => stats.ino === inode && stats.dev === device)?.path;
}

/**
 * The files beside a path that were rotated away after another one, from old to new: those that were written to later and
 * whose names differ from that of the other one in numbers only.
 */
export async function rotatedAfter(path: string, rotated: LineFile): Promise<string[]> {
  const siblings = await siblingsOf(path);
  // By now it may have yet another name.
  const first = siblings.find(({ stats }) => rotated.isSame(stats));
  if (first === undefined) return [];
  return siblings
    .filter((sibling) => sibling !== first && withoutNumbers(sibling.path) === withoutNumbers(first.path))
    .filter(({ stats }) => stats.mtimeMs >= first.stats.mtimeMs)
    .toSorted((a, b) => a.stats.mtimeMs - b.stats.mtimeMs)
    .map((sibling) => sibling.path);
}

function withoutNumbers(path: string): string {
  return path.replaceAll(/\d+/g, '0');
}

/** The regular files in the directory of a path whose names begin with the same word. */
async function siblingsOf(path: string): Promise<Sibling[]> {
  const real = await realpath(path).catch(() => resolve(path));
  const directory = dirname(real);
  const name = basename(real);
  const [stem = name] = /^\W*\w+/.exec(name) ?? [];
  const names = await readdir(directory).catch(() => []);
  const siblings: Sibling[] = [];
  for (const sibling of names.filter((other) => other !== name && isDerived(other, stem)).slice(0, maxSiblings)) {
    const stats = await stat(join(directory, sibling)).catch(() => undefined);
    if (stats?.isFile() === true) siblings.push({ path: join(directory, sibling), stats });
  }
  return siblings;
}

function isDerived(name: string, stem: string): boolean {
  return name.startsWith(stem) && !/^\w/.test(name.slice(stem.length));
}
