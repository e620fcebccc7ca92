import { readdir, rename } from 'node:fs/promises';
import path from 'node:path';

/** Lets one at a time have a folder, in the order they ask. */
export class FolderUse {
  readonly #last = new Map<string, Promise<void>>();

  /** Does the work when all who asked before are done with the folder. */
  async use(folder: string, work: () => Promise<void>): Promise<void> {
    const before = this.#last.get(folder);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last.set(folder, promise);
    try {
      await before;
      await work();
    } finally {
      resolve();
      if (this.#last.get(folder) === promise) this.#last.delete(folder);
    }
  }
}

/**
 * Gives the folders of endpoints that were changed while the program did not run to the endpoints they have become. Tells
 * which folders belong to none.
 */
export async function adoptQueues(folder: string, identities: readonly string[]): Promise<readonly string[]> {
  const existing = await foldersIn(folder);
  const adopted = pairUp(existing, identities);
  for (const [index, before] of adopted.entries()) {
    const identity = identities[index];
    if (before === undefined || identity === undefined || before === identity) continue;
    await rename(path.join(folder, before), path.join(folder, identity));
  }
  return existing.filter((identity) => !adopted.includes(identity));
}

/** The names of the folders in a folder, in their order; none if it is not there. */
export async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).toSorted();
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return [];
    throw error;
  }
}

/**
 * Pairs what was there with what is wanted, by the same identity, and then the rest in order: what is left over on both
 * sides is most likely one thing that was changed. Undefined for what is new.
 */
export function pairUp(before: readonly string[], wanted: readonly string[]): readonly (string | undefined)[] {
  const rest = before.filter((identity) => !wanted.includes(identity));
  return wanted.map((identity) => (before.includes(identity) ? identity : rest.shift()));
}
