import { constants, readSync, type Stats } from 'node:fs';
import { open, realpath, type FileHandle } from 'node:fs/promises';
import { ownBuffer } from '../base/bytes.ts';
import type { FileId } from './checkpoint.ts';
import { FileProblem, isMissing } from './file-problem.ts';

/** What was just written to a local file is in memory: reading it at once costs a fraction of what a thread does. */
const quickSize = 64 * 1024;

/** So many open files are no reason to worry. */
const fewHandles = 64;

/** The path does not name the file any more. */
export class FileMoved extends Error {
  override readonly name = 'FileMoved';
}

/** Limits how many files are kept open that nobody is reading. Those that were read last stay. */
export class HandlePool {
  readonly #limit: number;
  readonly #changed: (count: number) => void;
  /** Open files that may be closed, from those that were not used for the longest time on. */
  readonly #spare = new Set<PooledFile>();
  #count = 0;

  /** `changed` is told how many files are open. */
  constructor(limit: number, changed: (count: number) => void = () => undefined) {
    this.#limit = limit;
    this.#changed = changed;
  }

  /** Whether more files are open than there should be, since they are in use or cannot be found again. */
  get isCrowded(): boolean {
    return this.#count > Math.max(fewHandles, this.#limit * 2);
  }

  /** To be called when a file was opened or closed. */
  count(change: 1 | -1): void {
    this.#changed((this.#count += change));
  }

  /** A file is in use, or closed. */
  take(file: PooledFile): void {
    this.#spare.delete(file);
  }

  /** A file is open and nobody uses it. */
  give(file: PooledFile): void {
    this.#spare.add(file);
    if (this.#spare.size <= this.#limit) return;
    const [oldest] = this.#spare;
    void oldest?.rest();
  }
}

/**
 * A regular file that is open while it is used and as long as its pool has room for it; later it is opened again where it
 * was, if it is still there. It belongs to whoever opened it until `close`.
 */
export class PooledFile {
  readonly id: FileId;
  /** Where to find it when it must be opened again. */
  path: string;
  /** Whether it is on a local file system, where little is read at once rather than by a thread. */
  isLocal = false;
  readonly #pool: HandlePool;
  #handle: FileHandle | undefined;
  #opening: Promise<FileHandle> | undefined;
  #users = 0;
  #isPinned = false;
  #isClosed = false;

  private constructor(path: string, { dev, ino }: Stats, handle: FileHandle, pool: HandlePool) {
    this.path = path;
    this.id = { device: dev, inode: ino };
    this.#handle = handle;
    this.#pool = pool;
    pool.count(1);
    pool.give(this);
  }

  static async open(path: string, pool: HandlePool): Promise<{ readonly file: PooledFile; readonly stats: Stats }> {
    const { handle, stats } = await openRegular(path);
    // A symbolic link may lead elsewhere later.
    const real = await realpath(path).catch(() => path);
    return { file: new PooledFile(real, stats, handle, pool), stats };
  }

  isSame(stats: Stats): boolean {
    return stats.ino === this.id.inode && stats.dev === this.id.device;
  }

  stat(): Promise<Stats> {
    return this.#use((handle) => handle.stat());
  }

  /** Reads from one offset to another, or to the end of the file. */
  read(start: number, end: number): Promise<Buffer> {
    return this.#use(async (handle) => {
      const bytes = ownBuffer(Math.max(0, end - start));
      let size = 0;
      while (size < bytes.length) {
        const rest = bytes.length - size;
        const isQuick = this.isLocal && rest <= quickSize;
        const bytesRead = isQuick
          ? readSync(handle.fd, bytes, size, rest, start + size)
          : (await handle.read(bytes, size, rest, start + size)).bytesRead;
        if (bytesRead === 0) break;
        size += bytesRead;
      }
      return size === bytes.length ? bytes : bytes.subarray(0, size);
    });
  }

  /** Keeps it open until it is closed, since it may not be found again. Rejects with `FileMoved` if it is not there. */
  async pin(): Promise<void> {
    this.#isPinned = true;
    await this.#use(() => Promise.resolve());
  }

  /** It may be closed again. */
  unpin(): void {
    this.#isPinned = false;
    this.#release();
  }

  /** Closes it until it is used again. */
  async rest(): Promise<void> {
    this.#pool.take(this);
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle === undefined) return;
    this.#pool.count(-1);
    // Nothing was written to it, so that nothing is lost with an error.
    await handle.close().catch(() => undefined);
  }

  /** Nothing can be read any more; what is under way ends before it is closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#users === 0) await this.rest();
  }

  async #use<T>(work: (handle: FileHandle) => Promise<T>): Promise<T> {
    if (this.#users++ === 0) this.#pool.take(this);
    try {
      return await work(this.#handle ?? (await this.#open()));
    } finally {
      this.#users--;
      this.#release();
    }
  }

  #release(): void {
    if (this.#users > 0) return;
    if (this.#isClosed) void this.rest();
    else if (this.#handle !== undefined && !this.#isPinned) this.#pool.give(this);
  }

  #open(): Promise<FileHandle> {
    if (this.#isClosed) return Promise.reject(new FileMoved('the file was closed'));
    this.#opening ??= this.#openAgain().finally(() => (this.#opening = undefined));
    return this.#opening;
  }

  async #openAgain(): Promise<FileHandle> {
    try {
      const { handle, stats } = await openRegular(this.path);
      if (this.isSame(stats)) {
        this.#pool.count(1);
        this.#handle = handle;
        return handle;
      }
      await handle.close();
    } catch (error) {
      if (!isMissing(error) && !(error instanceof FileProblem)) throw error;
    }
    throw new FileMoved('the path names another file now');
  }
}

async function openRegular(path: string): Promise<{ readonly handle: FileHandle; readonly stats: Stats }> {
  // Without the flag, opening a pipe would wait for a writer.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new FileProblem('not_a_file', 'is not a regular file');
    return { handle, stats };
  } catch (error) {
    await handle.close();
    throw error;
  }
}
