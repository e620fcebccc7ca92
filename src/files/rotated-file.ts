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

/** How often a search begins again since rotation went on. */
const maxSearches = 10;

/** A file beside a path. */
interface Sibling {
  readonly path: string;
  readonly stats: Stats;
}

/** What to search for beside a path. */
export interface RotatedSearch {
  /** Where reading has stopped in the file. */
  readonly checkpoint: Checkpoint;
  /** The same file with another name, or a copy of its content. */
  readonly by: 'identity' | 'content';
  /** How many of the files that were rotated away after it are wanted, too. */
  readonly maxLater: number;
  /** A file that is known already and not wanted among those. */
  readonly known: LineFile | undefined;
}

/**
 * Searches beside a path for the file that a checkpoint is about, after rotation gave it another name, and for those that
 * were rotated away after it. Of several copies the largest is taken; compressed ones are not recognized. The files are
 * open, from old to new, and the first is placed. Where rotation goes on during the search, it begins again.
 */
export async function findRotated(path: string, search: RotatedSearch, options: LineFileOptions): Promise<LineFile[]> {
  for (let attempt = 1; ; attempt++) {
    const siblings = await siblingsOf(path);
    const files = await openRotated(siblings, search, options);
    if (attempt === maxSearches || isSameList(siblings, await siblingsOf(path))) return files;
    await Promise.all(files.map((file) => file.close()));
  }
}

async function openRotated(
  siblings: readonly Sibling[],
  { checkpoint, by, maxLater, known }: RotatedSearch,
  options: LineFileOptions,
): Promise<LineFile[]> {
  const { identity, offset } = checkpoint;
  if (identity === undefined) return [];
  if (by === 'content' && Math.max(offset, identity.head?.size ?? 0) < minTelling) return [];
  const candidates = siblings.filter(({ stats }) => {
    const isSame = stats.ino === identity.inode && stats.dev === identity.device;
    return stats.size >= offset && (by === 'content' || isSame);
  });
  for (const candidate of candidates.toSorted((a, b) => b.stats.size - a.stats.size)) {
    const file = await openSibling(candidate, options);
    if (file === undefined) continue;
    if (await file.continueAt(checkpoint).catch(() => false)) {
      const later = laterThan(candidate, siblings).filter(({ stats }) => known?.isSame(stats) !== true);
      const opened = await Promise.all(later.slice(0, maxLater).map((sibling) => openSibling(sibling, options)));
      return [file, ...opened.filter((other) => other !== undefined)];
    }
    await file.close();
  }
  return [];
}

/** Opens a file, unless another one has its name by now. */
async function openSibling({ path, stats }: Sibling, options: LineFileOptions): Promise<LineFile | undefined> {
  const file = await LineFile.open(path, options).catch(() => undefined);
  if (file === undefined || file.isSame(stats)) return file;
  await file.close();
  return undefined;
}

/** Searches beside a path for a file that rotation gave another name; returns its path. */
export async function findRenamed(path: string, { device, inode }: FileId): Promise<string | undefined> {
  const siblings = await siblingsOf(path);
  return siblings.find(({ stats }) => stats.ino === inode && stats.dev === device)?.path;
}

/** Those that were written to later than another one and whose names differ from its name in numbers only, by time. */
function laterThan(first: Sibling, siblings: readonly Sibling[]): Sibling[] {
  return siblings
    .filter((sibling) => sibling !== first && withoutNumbers(sibling.path) === withoutNumbers(first.path))
    .filter(({ stats }) => stats.mtimeMs >= first.stats.mtimeMs)
    .toSorted((a, b) => a.stats.mtimeMs - b.stats.mtimeMs);
}

function isSameList(a: readonly Sibling[], b: readonly Sibling[]): boolean {
  const list = (siblings: readonly Sibling[]): string =>
    siblings
      .map(({ path, stats }) => `${stats.dev}:${stats.ino}:${path}`)
      .toSorted()
      .join('\n');
  return list(a) === list(b);
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
