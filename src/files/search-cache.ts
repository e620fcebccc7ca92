import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import type { Milliseconds } from '../base/duration.ts';

/** A directory that was changed so shortly before it was listed may have changed again at what looks like the same time. */
const settledTime: Milliseconds = 2000;

/** After this time what is known is looked up again, since not every file system tells changes by its times. */
const longestKnown: Milliseconds = 60_000;

/** What a path leads to. */
export interface KnownFile {
  readonly kind: 'file' | 'directory' | 'other';
  readonly device: number;
  readonly inode: number;
  readonly modifiedAt: Milliseconds;
}

interface Listing {
  readonly entries: readonly Dirent[];
  readonly directory: KnownFile | undefined;
  readonly listedAt: Milliseconds;
}

interface Known {
  readonly file: KnownFile;
  /** When it is looked up again; not the same for all, so that they do not come together. */
  readonly until: Milliseconds;
}

/**
 * What searches for files have found, so that later ones read only directories that have changed, and look up few files.
 * It holds what the last two searches have used.
 */
export class SearchCache {
  /** Directories of this search, each of which is looked at once. */
  #listings = new Map<string, Promise<Listing>>();
  #listingsBefore = new Map<string, Promise<Listing>>();
  #files = new Map<string, Known>();
  #filesBefore = new Map<string, Known>();

  /** Begins a search. */
  begin(): void {
    this.#listingsBefore = this.#listings;
    this.#listings = new Map();
    this.#filesBefore = this.#files;
    this.#files = new Map();
  }

  /** The entries of a directory in the order of their names; none if it cannot be read. */
  async list(directory: string): Promise<readonly Dirent[]> {
    let listing = this.#listings.get(directory);
    if (listing === undefined) {
      listing = listAgain(directory, this.#listingsBefore.get(directory));
      this.#listings.set(directory, listing);
    }
    return (await listing).entries;
  }

  /** What a symbolic link leads to, as it was found some time ago if that was a file. */
  async target(path: string): Promise<KnownFile | undefined> {
    return this.#known(path, (_file, isFresh) => isFresh);
  }

  /** When a file was written to last, exactly if that is not later than `oldest`. */
  async modifiedAt(path: string, oldest: Milliseconds): Promise<Milliseconds | undefined> {
    const file = await this.#known(path, (known, isFresh) => isFresh || known.modifiedAt >= oldest);
    return file?.modifiedAt;
  }

  async #known(path: string, isEnough: (file: KnownFile, isFresh: boolean) => boolean): Promise<KnownFile | undefined> {
    const known = this.#files.get(path) ?? this.#filesBefore.get(path);
    if (known !== undefined && isEnough(known.file, Date.now() < known.until)) {
      this.#files.set(path, known);
      return known.file;
    }
    const file = await lookUp(path);
    if (file?.kind === 'file')
      this.#files.set(path, { file, until: Date.now() + (1 + Math.random()) * (longestKnown / 2) });
    return file;
  }
}

/** What a path leads to now; undefined if it cannot be told. */
export async function lookUp(path: string): Promise<KnownFile | undefined> {
  try {
    return knownFile(await stat(path));
  } catch {
    return undefined;
  }
}

async function listAgain(path: string, before: Promise<Listing> | undefined): Promise<Listing> {
  const directory = await lookUp(path);
  const known = await before;
  const listedAt = Date.now();
  if (known !== undefined && directory !== undefined && isCurrent(known, directory, listedAt)) return known;
  return { entries: await listDirectory(path), directory, listedAt };
}

function isCurrent({ directory: before, listedAt }: Listing, now: KnownFile, time: Milliseconds): boolean {
  const isSame = before?.inode === now.inode && before.device === now.device && before.modifiedAt === now.modifiedAt;
  return isSame && listedAt - now.modifiedAt > settledTime && time - listedAt < longestKnown;
}

async function listDirectory(directory: string): Promise<readonly Dirent[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    // What cannot be read has no files as far as patterns are concerned.
    return [];
  }
}

function knownFile(stats: Stats): KnownFile {
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'directory' : 'other';
  return { kind, device: stats.dev, inode: stats.ino, modifiedAt: stats.mtimeMs };
}
