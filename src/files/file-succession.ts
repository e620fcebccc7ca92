import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Milliseconds } from '../base/duration.ts';
import type { Checkpoint } from './checkpoint.ts';
import { FileProblem, isMissing } from './file-problem.ts';
import { LineFile } from './line-file.ts';
import { findRotated, rotatedAfter, type Rotated } from './rotated-file.ts';

/** How many files of one path may wait to be read. Beyond it, what the path names next is not opened. */
const maxFiles = 16;

export interface SuccessionOptions {
  readonly path: string;
  /** Where an earlier run stopped. */
  readonly from: Checkpoint | undefined;
  /** Whether to leave out what is there already, unless an earlier run read some of it. */
  readonly startsAtEnd: boolean;
  readonly maxLineSize: number;
  /** How long a file that the path does not name any more is watched for late writes after the last one. */
  readonly lateWriteTime: Milliseconds;
}

/**
 * The files that a path has named, one after another: rotation gives it a new file, truncation the same file with new
 * content. Looking opens what comes, and closes what nobody needs any more; reading takes the files in their order.
 */
export class FileSuccession {
  readonly #options: SuccessionOptions;
  /** From old to new. Only the last can be current. */
  #files: readonly LineFile[] = [];
  /** How far the file before the first was read. */
  #before: Checkpoint | undefined;
  #hasLooked = false;
  #startsAtEnd: boolean;
  #lost = 0;

  constructor(options: SuccessionOptions) {
    this.#options = options;
    this.#before = options.from;
    this.#startsAtEnd = options.startsAtEnd && (options.from?.offset ?? 0) === 0;
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
    const placed = this.#files.filter((file) => file.isPlaced);
    const file = placed.find(({ ranges }) => !ranges.isEmpty) ?? placed.at(-1);
    return file?.checkpoint(file.ranges.delivered) ?? this.#before;
  }

  /** Looks at the path and at the files it named before; tells whether there may be something to read. */
  async look(): Promise<boolean> {
    const stats = await statIfThere(this.#options.path);
    let hasChanged = !this.#hasLooked && (await this.#findPredecessor(stats));
    const { current } = this;
    if (current !== undefined && !(stats !== undefined && current.isSame(stats))) {
      leave(current, 'left');
      hasChanged = true;
    }
    if (stats !== undefined) this.#takeBack(stats);
    if (await this.#lookBack()) hasChanged = true;
    if (stats === undefined) {
      this.#startsAtEnd = false;
      return hasChanged;
    }
    if (!stats.isFile()) throw new FileProblem('not_a_file', 'is not a regular file');
    if (this.current !== undefined) {
      const isWhole = !this.current.isChanged && stats.size >= this.current.start.offset;
      if (isWhole) return this.current.see(stats) || hasChanged;
      await this.#truncated(this.current, stats);
    }
    await this.#open();
    return true;
  }

  /** How many bytes were cut off before they were read, and are nowhere else, since the last call. */
  takeLost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  /** Decides where reading of a file begins: where that of its predecessor ended, if it has the same content so far. */
  async place(file: LineFile): Promise<void> {
    const predecessor = this.#files[this.#files.indexOf(file) - 1];
    const before = predecessor?.checkpoint(predecessor.start) ?? this.#before;
    const startsAtEnd = this.#startsAtEnd;
    this.#startsAtEnd = false;
    if (startsAtEnd) {
      await file.startAtEnd();
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

  /** At the first look: goes on with the file of the run before, if it has another name by now. */
  async #findPredecessor(stats: Stats | undefined): Promise<boolean> {
    const { path, maxLineSize } = this.#options;
    const before = this.#before;
    const identity = before?.identity;
    let found: Rotated | undefined;
    if (before !== undefined && identity !== undefined) {
      const isSame = stats?.ino === identity.inode && stats.dev === identity.device;
      if (!isSame) found = await findRotated(path, before, 'identity', maxLineSize);
      const isThere = found !== undefined || (stats?.isFile() === true && (await this.#holds(before)));
      if (!isThere) found = await findRotated(path, before, 'content', maxLineSize);
    }
    this.#hasLooked = true;
    if (found === undefined) return false;
    this.#append(found.file, 'left');
    const later = await rotatedAfter(path, found.path);
    for (const rotated of later.slice(0, maxFiles - 2)) {
      const file = await LineFile.open(rotated, maxLineSize).catch(() => undefined);
      if (file !== undefined) this.#append(file, 'left');
    }
    return true;
  }

  /** Whether the file at the path has the content that a checkpoint is about. */
  async #holds(checkpoint: Checkpoint): Promise<boolean> {
    const file = await LineFile.open(this.#options.path, this.#options.maxLineSize);
    try {
      return await file.continueAt(checkpoint);
    } finally {
      await file.close();
    }
  }

  /** A file that the path has named before is the current one again, as when a link is turned back. */
  #takeBack(stats: Stats): void {
    const file = this.#files.find((other) => other.phase === 'left' && other.isSame(stats));
    if (file === undefined) return;
    file.phase = 'current';
    this.#files = [...this.#files.filter((other) => other !== file), file];
  }

  /** The file was cut off: what was not read of it can only be in a copy. */
  async #truncated(file: LineFile, { size }: Stats): Promise<void> {
    leave(file, 'gone');
    await file.untilIdle();
    if (!file.isPlaced) return;
    const { path, maxLineSize } = this.#options;
    const found = await findRotated(path, file.checkpoint(file.start), 'content', maxLineSize);
    file.copy = found?.file;
    if (file.copy !== undefined) this.#append(file.copy, 'left');
    else if (size < file.start.offset) this.#lost += Math.max(0, file.size - file.start.offset);
  }

  async #open(): Promise<void> {
    const { path, maxLineSize } = this.#options;
    if (this.#files.length >= maxFiles)
      throw new FileProblem('backlog', `${maxFiles} files that it named before are not read yet`);
    this.#append(await LineFile.open(path, maxLineSize), 'current');
  }

  #append(file: LineFile, phase: 'current' | 'left'): void {
    if (phase === 'left') leave(file, 'left');
    this.#files = [...this.#files, file];
  }

  /** Looks at the files that the path does not name any more, and closes the oldest ones that are done. */
  async #lookBack(): Promise<boolean> {
    let hasChanged = false;
    let isDone = true;
    for (const file of this.#files) {
      if (file.phase === 'current') break;
      if (file.phase === 'left') {
        const stats = await file.stat().catch(() => undefined);
        if (stats === undefined || file.isChanged) leave(file, 'gone');
        else if (file.see(stats)) hasChanged = true;
        // As long as the path names nothing else, whoever writes may still have this file.
        const hasSuccessor = file !== this.#files.at(-1);
        isDone &&= this.#isQuiet(file) && (hasSuccessor || stats?.nlink === 0);
      }
      isDone &&= file.ranges.isEmpty;
      if (isDone) {
        if (file.isPlaced) this.#before = file.checkpoint(file.ranges.delivered);
        this.#files = this.#files.filter((other) => other !== file);
        await file.close();
      }
    }
    return hasChanged;
  }

  /** Whether all of a file was read and nothing was written to it for a while. */
  #isQuiet(file: LineFile): boolean {
    if (file.phase === 'gone') return true;
    const lateWriteTime = this.#files.length > maxFiles / 2 ? 0 : this.#options.lateWriteTime;
    return !file.hasUnread && !file.hasRest && performance.now() - file.grownAt >= lateWriteTime;
  }
}

function leave(file: LineFile, phase: 'left' | 'gone'): void {
  file.phase = phase;
  file.grownAt = performance.now();
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
