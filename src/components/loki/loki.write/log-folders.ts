import { readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { pairUp } from './endpoint-name.ts';

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
 * Gives the logs of endpoints that were changed while the program did not run to the endpoints they have become. Tells
 * which logs belong to none.
 */
export async function adoptLogs(folder: string, identities: readonly string[]): Promise<readonly string[]> {
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
