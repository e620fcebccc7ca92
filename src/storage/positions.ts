import { readFile, stat } from 'node:fs/promises';
import type { Milliseconds } from '../base/duration.ts';
import { messageOf } from '../base/message-of.ts';
import { ParseError } from '../base/parse-error.ts';
import { realFiles } from './file-system.ts';
import { formatPositions, parsePositions, positionKey, type Position } from './positions-format.ts';
import { replaceFile } from './replace-file.ts';

/** How many positions are kept; beyond it those that were not moved for the longest time go. */
const maxPositions = 100_000;

/** How long a file must be gone from the disk before its position is forgotten. */
const forgetAfter: Milliseconds = 6 * 3_600_000;

/** The shortest and the longest time between two writes, and how much longer than the work of one it is. */
const minRest: Milliseconds = 200;
const maxRest: Milliseconds = 10_000;
const restPerWork = 200;

/** How long to wait after writing has failed. */
const retryWait: Milliseconds = 1000;

/**
 * Remembers in a file how far sources have read. A change is written at once, so that a crash repeats as little as
 * possible of what was delivered; but after each write there is a rest, which is the longer the more there is to write.
 * Writing replaces the file at once; it never holds half.
 */
export class Positions {
  readonly #file: string;
  readonly #saveFailed: (error: unknown) => void;
  /** Those that were set last come last. */
  readonly #positions: Map<string, Position>;
  /** When a file was first seen to be missing. */
  readonly #missingSince = new Map<string, Milliseconds>();
  #isDirty = false;
  #isClosed = false;
  /** Whether changes wait until the write that one before has begun, and the rest after it, are over. */
  #isResting = false;
  #rest: Milliseconds = minRest;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();
  #nextSave: Promise<void> | undefined;
  #isWriting = false;

  private constructor(file: string, positions: readonly Position[], saveFailed: (error: unknown) => void) {
    this.#file = file;
    this.#saveFailed = saveFailed;
    this.#positions = new Map(positions.map((position) => [positionKey(position.path, position.labels), position]));
  }

  /**
   * Reads the file, which need not exist. Rejects if it cannot be read; what fails later is given to `saveFailed`. If it is
   * empty or does not exist, it begins with what an older program has recorded.
   */
  static async open(
    file: string,
    saveFailed: (error: unknown) => void,
    readLegacy?: () => Promise<readonly Position[]>,
  ): Promise<Positions> {
    const text = await read(file);
    if (text === '' && readLegacy !== undefined) {
      const legacy = new Positions(file, [], saveFailed);
      for (const position of await readLegacy()) legacy.set(position);
      await legacy.save();
      return legacy;
    }
    const positions = parsePositions(text);
    if (positions instanceof ParseError)
      throw new Error(`cannot read positions file ${JSON.stringify(file)}: ${positions.message}`);
    return new Positions(file, positions, saveFailed);
  }

  get(file: string, labels: string): Position | undefined {
    return this.#positions.get(positionKey(file, labels));
  }

  set(position: Position): void {
    const key = positionKey(position.path, position.labels);
    const before = this.#positions.get(key);
    if (before?.value === position.value && before.identity === position.identity) return;
    this.#positions.delete(key);
    this.#positions.set(key, position);
    const [oldest] = this.#positions.keys();
    if (this.#positions.size > maxPositions && oldest !== undefined) this.#positions.delete(oldest);
    this.#changed();
  }

  /** Forgets files that have been gone from the disk for a long time. To be called now and then. */
  async prune(now: Milliseconds = Date.now()): Promise<void> {
    for (const [key, position] of this.#positions) {
      if (position.path.startsWith('cursor-') || position.path.startsWith('journal-')) continue;
      if (await isThere(position.path)) {
        this.#missingSince.delete(key);
        continue;
      }
      const since = this.#missingSince.get(key) ?? now;
      this.#missingSince.set(key, since);
      if (now - since < forgetAfter) continue;
      this.#missingSince.delete(key);
      this.#positions.delete(key);
      this.#changed();
    }
  }

  /** Writes what has changed. Nothing is written later. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.save();
    clearTimeout(this.#timer);
  }

  /** Writes what has changed now. Calls that come while something is written share the next write. */
  save(): Promise<void> {
    if (this.#isWriting) {
      this.#nextSave ??= this.#saving.then(() => {
        this.#nextSave = undefined;
        return this.save();
      });
      return this.#nextSave;
    }
    this.#isWriting = true;
    this.#saving = this.#write().finally(() => (this.#isWriting = false));
    return this.#saving;
  }

  #changed(): void {
    this.#isDirty = true;
    if (this.#isResting || this.#isClosed) return;
    this.#isResting = true;
    void this.#saveAndRest();
  }

  async #saveAndRest(): Promise<void> {
    // What is delivered at once moves the positions of many files.
    await Promise.resolve();
    if (!this.#isClosed) await this.save();
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#isResting = false;
      if (this.#isDirty) this.#changed();
    }, this.#rest);
  }

  async #write(): Promise<void> {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    const start = performance.now();
    try {
      const text = formatPositions(this.#positions.values());
      this.#rest = Math.min(Math.max(minRest, restPerWork * (performance.now() - start)), maxRest);
      await replaceFile(this.#file, text, realFiles);
    } catch (error) {
      this.#rest = retryWait;
      this.#saveFailed(error);
      this.#changed();
    }
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw new Error(`cannot read positions file ${JSON.stringify(file)}: ${messageOf(error)}`, { cause: error });
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    // Only what is certainly gone counts as gone.
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
}
