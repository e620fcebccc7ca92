import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import type { Glob, GlobState } from './glob.ts';

/** How many directories one search reads at most, so that a maze of symbolic links cannot keep it busy for ever. */
const maxDirectories = 100_000;

/** What was read of directories lately, so that searches which run together read each of them once. */
export class DirectoryCache {
  readonly #listings = new Map<string, Promise<readonly Dirent[]>>();

  /** The entries in the order of their names; none if the directory cannot be read. */
  list(directory: string): Promise<readonly Dirent[]> {
    let listing = this.#listings.get(directory);
    if (listing === undefined) this.#listings.set(directory, (listing = listDirectory(directory)));
    return listing;
  }
}

async function listDirectory(directory: string): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

/**
 * Finds the regular files that match a pattern, in the order of their names by directory. Symbolic links are followed;
 * what cannot be read is left out. Relative patterns start at the current directory and give relative paths.
 */
export async function findFiles(glob: Glob, cache: DirectoryCache = new DirectoryCache()): Promise<string[]> {
  const search = new Search(glob, cache);
  await search.enter({ path: undefined, parent: undefined }, glob.start);
  return search.found;
}

/** A directory on the way from where the search began; the first has no path of its own. */
interface Directory {
  readonly path: string | undefined;
  readonly parent: Directory | undefined;
}

class Search {
  readonly found: string[] = [];
  readonly #glob: Glob;
  readonly #cache: DirectoryCache;
  #directories = 0;

  constructor(glob: Glob, cache: DirectoryCache) {
    this.#glob = glob;
    this.#cache = cache;
  }

  async enter(directory: Directory, state: GlobState): Promise<void> {
    if (++this.#directories > maxDirectories) return;
    const names = this.#glob.names(state);
    if (names !== undefined) {
      for (const name of names) await this.#visit(directory, name, undefined, state);
      return;
    }
    for (const entry of await this.#cache.list(directory.path ?? '.')) {
      await this.#visit(directory, entry.name, entry, state);
    }
  }

  async #visit(directory: Directory, name: string, entry: Dirent | undefined, before: GlobState): Promise<void> {
    const state = this.#glob.enter(before, name);
    const isMatch = this.#glob.isMatch(state);
    const goesOn = this.#glob.goesOn(state);
    if (!isMatch && !goesOn) return;
    const path = join(directory.path, name);
    if (entry !== undefined && !entry.isSymbolicLink()) {
      if (entry.isFile() && isMatch) this.found.push(path);
      else if (entry.isDirectory() && goesOn) await this.enter({ path, parent: directory }, state);
      return;
    }
    const stats = await statOf(path);
    if (stats?.isFile() === true && isMatch) this.found.push(path);
    else if (stats?.isDirectory() === true && goesOn) {
      if (entry !== undefined && (await isAmong(directory, stats))) return;
      await this.enter({ path, parent: directory }, state);
    }
  }
}

/** Whether a symbolic link leads back to a directory that the search went through to get to it. */
async function isAmong(directory: Directory, target: Stats): Promise<boolean> {
  for (let next: Directory | undefined = directory; next !== undefined; next = next.parent) {
    const stats = await statOf(next.path ?? '.');
    if (stats?.ino === target.ino && stats.dev === target.dev) return true;
  }
  return false;
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch {
    return undefined;
  }
}

function join(directory: string | undefined, name: string): string {
  if (directory === undefined) return name === '' ? '/' : name;
  return directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`;
}
