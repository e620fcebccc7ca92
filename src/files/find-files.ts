import type { Dirent } from 'node:fs';
import type { Glob, GlobState } from './glob.ts';
import { lookUp, SearchCache, type KnownFile } from './search-cache.ts';

/** How many directories one search reads at most, so that a maze of symbolic links cannot keep it busy for ever. */
const maxDirectories = 100_000;

/**
 * Finds the regular files that match a pattern, in the order of their names by directory. Symbolic links are followed;
 * what cannot be read is left out. Relative patterns start at the current directory and give relative paths.
 */
export async function findFiles(glob: Glob, cache: SearchCache = new SearchCache()): Promise<string[]> {
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
  readonly #cache: SearchCache;
  #directories = 0;

  constructor(glob: Glob, cache: SearchCache) {
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
    const target = entry === undefined ? await lookUp(path) : await this.#cache.target(path);
    if (target?.kind === 'file' && isMatch) this.found.push(path);
    else if (target?.kind === 'directory' && goesOn) {
      if (entry !== undefined && (await isAmong(directory, target))) return;
      await this.enter({ path, parent: directory }, state);
    }
  }
}

/** Whether a symbolic link leads back to a directory that the search went through to get to it. */
async function isAmong(directory: Directory, target: KnownFile): Promise<boolean> {
  for (let next: Directory | undefined = directory; next !== undefined; next = next.parent) {
    const step = await lookUp(next.path ?? '.');
    if (step?.inode === target.inode && step.device === target.device) return true;
  }
  return false;
}

function join(directory: string | undefined, name: string): string {
  if (directory === undefined) return name === '' ? '/' : name;
  return directory.endsWith('/') ? `${directory}${name}` : `${directory}/${name}`;
}
