import { watch, type FSWatcher } from 'node:fs';
import { readlink, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Milliseconds } from '../base/duration.ts';
import { messageOf } from '../base/message-of.ts';
import { isMissing } from './file-problem.ts';

/** Someone who wants to know when something happens to a file. */
export interface FileListener {
  changed(): void;
}

/** How many symbolic links are followed from a path to its file. */
const maxLinks = 8;

/** How long to wait before watching is tried again after the system has refused it. */
const retryTime: Milliseconds = 60_000;

/** Types of file systems, as `statfs` tells them on Linux, on which other machines can write without any event here. */
const remoteTypes: ReadonlySet<number> = new Set([
  0x6969, // nfs
  0x517b, // smb
  0xfe534d42, // smb2
  0xff534d42, // cifs
  0x65735546, // fuse
  0x01021997, // 9p
  0x00c36400, // ceph
  0x5346414f, // afs
  0x6b414653, // kafs
  0x73757245, // coda
  0x01161970, // gfs2
  0x7461636f, // ocfs2
  0x0bd00bd0, // lustre
  0x786f4256, // vboxsf
  0x19830326, // fhgfs
]);

interface Directory {
  readonly path: string;
  /** Those who listen, by the names of their files. */
  readonly names: Map<string, FileListener[]>;
  watcher: FSWatcher | undefined;
  /** The attempt to watch it that is under way. */
  attempt: Promise<void> | undefined;
  /** When it may be tried again to watch it. */
  retryAt: Milliseconds;
}

interface Place {
  readonly directory: string;
  readonly name: string;
}

/**
 * Tells by events of the file system when something happens to files. One watch serves all files of a directory; a
 * directory is watched as long as someone listens to a file in it.
 */
export class FileEvents {
  readonly #directories = new Map<string, Directory>();
  readonly #places = new Map<FileListener, readonly Place[]>();
  readonly #unwatchable: (directory: string, reason: string) => void;
  #isClosed = false;

  /** `unwatchable` is told of directories whose files must be polled instead. */
  constructor(unwatchable: (directory: string, reason: string) => void) {
    this.#unwatchable = unwatchable;
  }

  /**
   * Tells someone from now on what happens to a path and, if it is a symbolic link, to what it leads to. To be called
   * again when that may have changed.
   */
  async listen(listener: FileListener, file: string): Promise<void> {
    const places = await placesOf(file);
    if (this.#isClosed) return;
    const before = this.#places.get(listener) ?? [];
    this.#places.set(listener, places);
    for (const place of before) if (!includes(places, place)) this.#remove(listener, place);
    for (const place of places) if (!includes(before, place)) this.#add(listener, place);
    for (const { directory } of places) await this.#watch(directory);
  }

  /** Tells someone no more. */
  forget(listener: FileListener): void {
    for (const place of this.#places.get(listener) ?? []) this.#remove(listener, place);
    this.#places.delete(listener);
  }

  /** Whether everything is watched that concerns someone. */
  isWatched(listener: FileListener): boolean {
    const places = this.#places.get(listener) ?? [];
    return (
      places.length > 0 && places.every(({ directory }) => this.#directories.get(directory)?.watcher !== undefined)
    );
  }

  /** A change was seen that was not told: watching is of no use where the file is. */
  missed(listener: FileListener): void {
    for (const { directory: name } of this.#places.get(listener) ?? []) {
      const directory = this.#directories.get(name);
      if (directory === undefined) continue;
      this.#lost(directory);
      directory.retryAt = Infinity;
      this.#unwatchable(name, 'its file system does not tell all changes');
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const directory of this.#directories.values()) unwatch(directory);
    this.#directories.clear();
    this.#places.clear();
  }

  #add(listener: FileListener, { directory: name, name: file }: Place): void {
    let directory = this.#directories.get(name);
    if (directory === undefined) {
      directory = { path: name, names: new Map(), watcher: undefined, attempt: undefined, retryAt: 0 };
      this.#directories.set(name, directory);
    }
    const listeners = directory.names.get(file);
    if (listeners === undefined) directory.names.set(file, [listener]);
    else listeners.push(listener);
  }

  #remove(listener: FileListener, { directory: name, name: file }: Place): void {
    const directory = this.#directories.get(name);
    const others = directory?.names.get(file)?.filter((other) => other !== listener) ?? [];
    if (directory === undefined) return;
    if (others.length > 0) directory.names.set(file, others);
    else directory.names.delete(file);
    if (directory.names.size > 0) return;
    unwatch(directory);
    this.#directories.delete(name);
  }

  /** Watches a directory if that is possible. */
  async #watch(name: string): Promise<void> {
    const directory = this.#directories.get(name);
    if (directory === undefined || directory.watcher !== undefined || performance.now() < directory.retryAt) return;
    directory.attempt ??= this.#tryToWatch(directory);
    await directory.attempt;
  }

  async #tryToWatch(directory: Directory): Promise<void> {
    const { path: name } = directory;
    try {
      const { type } = await statfs(name);
      if (this.#directories.get(name) !== directory) return;
      if (remoteTypes.has(type)) {
        directory.retryAt = Infinity;
        this.#unwatchable(name, 'it is on a network file system');
        return;
      }
      const watcher = watch(name, { persistent: false }, (_event, file) => this.#saw(directory, file));
      watcher.on('error', () => this.#lost(directory));
      directory.watcher = watcher;
    } catch (error) {
      // What is missing is tried again at the next look, when it may be there.
      if (isMissing(error)) return;
      directory.retryAt = performance.now() + retryTime;
      this.#unwatchable(name, messageOf(error));
    } finally {
      directory.attempt = undefined;
    }
  }

  #saw(directory: Directory, file: string | null): void {
    // The directory itself was removed or renamed, or a file has the same name.
    if (file === null || (file === path.basename(directory.path) && !directory.names.has(file))) {
      this.#lost(directory);
      return;
    }
    for (const listener of directory.names.get(file) ?? []) listener.changed();
  }

  /** The watch is of no use any more. Whoever listens will look, and ask for another one. */
  #lost(directory: Directory): void {
    unwatch(directory);
    directory.retryAt = 0;
    for (const listeners of directory.names.values()) for (const listener of listeners) listener.changed();
  }
}

function unwatch(directory: Directory): void {
  directory.watcher?.close();
  directory.watcher = undefined;
}

function includes(places: readonly Place[], place: Place): boolean {
  return places.some(({ directory, name }) => directory === place.directory && name === place.name);
}

/** Where the path is, and where what it leads to is. */
async function placesOf(file: string): Promise<readonly Place[]> {
  const places: Place[] = [];
  let next: string | undefined = path.resolve(file);
  while (next !== undefined && places.length <= maxLinks) {
    const directory = path.dirname(next);
    places.push({ directory, name: path.basename(next) });
    const target: string | undefined = await readlink(next).catch(() => undefined);
    next = target === undefined ? undefined : path.resolve(directory, target);
  }
  return places;
}
