import { statSync, type Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import type { Checkpoint } from './checkpoint.ts';
import { FileMoved } from './file-handles.ts';
import { FileProblem, isMissing } from './file-problem.ts';
import { LineFile } from './line-file.ts';
import type { DropReason } from './line-receiver.ts';
import type { ReaderSettings } from './reader-settings.ts';
import { findRenamed, findRotated } from './rotated-file.ts';

/** How many files of one path may wait to be read. Beyond it, what the path names next is not opened. */
const maxFiles = 16;

/** Bytes that will never be read. */
export type Loss = readonly [reason: DropReason, bytes: number];

/**
 * The files that a path has named, one after another: rotation gives it a new file, truncation the same file with new
 * content. Looking opens what comes, and closes what nobody needs any more; reading takes the files in their order.
 */
export class FileSuccession {
  readonly #path: string;
  readonly #settings: ReaderSettings;
  /** From old to new. Only the last can be current. */
  #files: readonly LineFile[] = [];
  /** How far the file before the first was read. */
  #before: Checkpoint | undefined;
  #hasLooked = false;
  #startsAtEnd: boolean;
  #losses: Loss[] = [];

  /** `from` is where an earlier run has stopped. */
  constructor(path: string, from: Checkpoint | undefined, settings: ReaderSettings) {
    this.#path = path;
    this.#settings = settings;
    this.#before = from;
    this.#startsAtEnd = settings.startsAtEnd && (from?.offset ?? 0) === 0;
  }

  get files(): readonly LineFile[] {
    return this.#files;
  }

  /** The file that the path names. */
  get current(): LineFile | undefined {
    const last = this.#files.at(-1);
    return last?.phase === 'current' ? last : undefined;
  }

  /** Up to where everything was delivered. */
  get delivered(): Checkpoint | undefined {
    // Nothing would tell a file of which nothing was read from one with other content.
    const placed = this.#files.filter((file) => file.isPlaced && file.start.offset > 0);
    const file = placed.find(({ ranges }) => !ranges.isEmpty) ?? placed.at(-1);
    return file?.checkpoint(file.ranges.delivered) ?? this.#before;
  }

  /**
   * Looks at the path and at the files it named before; tells whether there may be something to read. On a local file
   * system, which answers at once, no thread is asked.
   */
  async look(isLocal = false): Promise<boolean> {
    const stats = isLocal ? statSync(this.#path, { throwIfNoEntry: false }) : await statIfThere(this.#path);
    let hasChanged = false;
    if (!this.#hasLooked) {
      hasChanged = await this.#goOn(stats);
      this.#hasLooked = true;
    }
    const { current } = this;
    if (current !== undefined && !(stats !== undefined && current.isSame(stats))) {
      await this.#leave(current);
      hasChanged = true;
    }
    if (stats !== undefined) await this.#takeBack(stats);
    if (await this.#lookBack()) hasChanged = true;
    if (stats === undefined) {
      this.#startsAtEnd = false;
      return hasChanged;
    }
    if (!stats.isFile()) throw new FileProblem('not_a_file', 'is not a regular file');
    if (this.current !== undefined) {
      this.current.setLocal(isLocal);
      const { start, size, isChanged } = this.current;
      const isWhole = !isChanged && stats.size >= (start.offset === 0 ? size : start.offset);
      if (isWhole) {
        const isNew = this.current.see(stats);
        await this.current.learnHead();
        return isNew || hasChanged;
      }
      await this.#truncated(this.current, stats);
    }
    if (this.#files.length >= maxFiles)
      throw new FileProblem('backlog', `${maxFiles} files that it named before are not read yet`);
    this.#files = [...this.#files, await LineFile.open(this.#path, this.#settings)];
    return true;
  }

  /** How many bytes were cut off or deleted before they were read, and are nowhere else, since the last call. */
  takeLost(): readonly Loss[] {
    const losses = this.#losses;
    this.#losses = [];
    return losses;
  }

  /** Decides where reading of a file begins: where that of its predecessor ended, if it has the same content so far. */
  async place(file: LineFile): Promise<void> {
    const predecessor = this.#files[this.#files.indexOf(file) - 1];
    const before = predecessor?.checkpoint(predecessor.start) ?? this.#before;
    if (this.#startsAtEnd) {
      await file.startAtEnd();
      this.#startsAtEnd = false;
    } else if (before !== undefined && (await file.continueAt(before))) {
      if (predecessor === undefined || before.offset === 0) return;
      // An editor has written the file anew, and the line without an end is in the new file as well.
      predecessor.skipRest();
      predecessor.copy ??= file;
    } else {
      file.startAtBeginning();
    }
  }

  /** Closes all files. What was sent of them can still be settled. */
  async close(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.close()));
  }

  /** At the first look: goes on where the run before has stopped, in a file with another name if rotation gave it one. */
  async #goOn(stats: Stats | undefined): Promise<boolean> {
    const before = this.#before;
    const identity = before?.identity;
    if (before === undefined || identity === undefined) return false;
    const isSame = stats?.ino === identity.inode && stats.dev === identity.device;
    // It is open before anything is searched: whatever rotation does meanwhile, its content is found again.
    const file = stats?.isFile() === true ? await LineFile.open(this.#path, this.#settings) : undefined;
    const search = { checkpoint: before, maxLater: maxFiles - 2, known: file };
    let rotated = isSame ? [] : await findRotated(this.#path, { ...search, by: 'identity' }, this.#settings);
    const isThere = rotated.length > 0 || (await file?.continueAt(before).catch(() => false)) === true;
    if (!isThere) rotated = await findRotated(this.#path, { ...search, by: 'content' }, this.#settings);
    for (const other of rotated) await this.#appendLeft(other);
    if (file !== undefined) this.#files = [...this.#files, file];
    return this.#files.length > 0;
  }

  /** A file that the path has named before is the current one again, as when a link is turned back. */
  async #takeBack(stats: Stats): Promise<void> {
    const file = this.#files.find((other) => other.phase === 'left' && other.isSame(stats));
    if (file === undefined) return;
    file.phase = 'current';
    file.unpin(await realpath(this.#path).catch(() => file.path));
    this.#files = [...this.#files.filter((other) => other !== file), file];
  }

  /** The file was cut off: what was not read of it can only be in a copy. */
  async #truncated(file: LineFile, { size }: Stats): Promise<void> {
    setPhase(file, 'gone');
    await file.untilIdle();
    const search = { checkpoint: file.checkpoint(file.start), by: 'content', maxLater: 0, known: undefined } as const;
    const [copy] = await findRotated(this.#path, search, this.#settings);
    file.copy = copy;
    if (file.copy !== undefined) await this.#appendLeft(file.copy);
    else if (size < file.size) this.#lose(file, 'file_truncated');
  }

  /** The path names it no more; it stays open until it was read, if it is still somewhere. */
  async #leave(file: LineFile): Promise<void> {
    setPhase(file, 'left');
    try {
      await file.pin().catch(async (error: unknown) => {
        if (!(error instanceof FileMoved)) throw error;
        await file.pin(await findRenamed(file.path, file.id));
      });
      file.see(await file.stat());
    } catch (error) {
      // With any other error it is tried again at the next look.
      if (!(error instanceof FileMoved)) return;
      // It was not open, and is neither here nor beside the path any more.
      setPhase(file, 'gone');
      if (file.isPlaced) this.#lose(file, 'file_deleted');
    }
  }

  #lose(file: LineFile, reason: DropReason): void {
    const bytes = file.size - file.start.offset;
    if (bytes > 0) this.#losses.push([reason, bytes]);
  }

  async #appendLeft(file: LineFile): Promise<void> {
    setPhase(file, 'left');
    this.#files = [...this.#files, file];
    await file.pin();
  }

  /** Looks at the files that the path does not name any more, and closes the oldest ones that are done. */
  async #lookBack(): Promise<boolean> {
    let hasChanged = false;
    let isDone = true;
    for (const file of this.#files) {
      if (file.phase === 'current') break;
      if (file.phase === 'left') {
        const stats = await statOf(file);
        if (stats === undefined || file.isChanged) setPhase(file, 'gone');
        else if (file.see(stats)) hasChanged = true;
        // As long as the path names nothing else, whoever writes may still have this file.
        const hasSuccessor = file !== this.#files.at(-1);
        isDone &&= this.#isQuiet(file) && (hasSuccessor || stats?.nlink === 0);
      }
      isDone &&= file.ranges.isEmpty;
      if (isDone) {
        if (file.isPlaced && file.start.offset > 0) this.#before = file.checkpoint(file.ranges.delivered);
        this.#files = this.#files.filter((other) => other !== file);
        await file.close();
      }
    }
    return hasChanged;
  }

  /** Whether all of a file was read and nothing was written to it for a while. */
  #isQuiet(file: LineFile): boolean {
    if (file.phase === 'gone') return true;
    const { lateWriteTime, handles } = this.#settings;
    const isPressed = this.#files.length > maxFiles / 2 || handles.isCrowded;
    const isLate = performance.now() - file.grownAt >= (isPressed ? 0 : lateWriteTime);
    return isLate && !file.hasUnread && !file.hasRest;
  }
}

function setPhase(file: LineFile, phase: 'left' | 'gone'): void {
  file.phase = phase;
  file.grownAt = performance.now();
}

/** As the file is now; undefined if it cannot be found any more. */
async function statOf(file: LineFile): Promise<Stats | undefined> {
  try {
    return await file.stat();
  } catch (error) {
    if (error instanceof FileMoved) return undefined;
    throw error;
  }
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
