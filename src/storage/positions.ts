import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Milliseconds } from '../base/duration.ts';
import { messageOf } from '../base/message-of.ts';
import { ParseError } from '../base/parse-error.ts';
import { formatPositions, parsePositions, positionKey, type Position } from './positions-format.ts';

/** How many positions are kept; beyond it those that were not moved for the longest time go. */
const maxPositions = 100_000;

/** How long a file must be gone from the disk before its position is forgotten. */
const forgetAfter: Milliseconds = 6 * 3_600_000;

/** How much text is cheap to write often. */
const smallSize = 64 * 1024;

/**
 * Remembers in a file how far sources have read. Changes are on the disk 1 s later, or 10 s if there is much to write,
 * so that a crash repeats what was delivered in the meantime. Writing replaces the file at once; it never holds half.
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
  #savedSize: number;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();

  private constructor(file: string, text: string, positions: readonly Position[], saveFailed: (e: unknown) => void) {
    this.#file = file;
    this.#saveFailed = saveFailed;
    this.#savedSize = text.length;
    this.#positions = new Map(positions.map((position) => [positionKey(position.path, position.labels), position]));
  }

  /** Reads the file, which need not exist. Rejects if it cannot be read; what fails later is given to `saveFailed`. */
  static async open(file: string, saveFailed: (error: unknown) => void): Promise<Positions> {
    const text = await read(file);
    const positions = parsePositions(text);
    if (positions instanceof ParseError)
      throw new Error(`cannot read positions file ${JSON.stringify(file)}: ${positions.message}`);
    return new Positions(file, text, positions, saveFailed);
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
  }

  /** Writes what has changed now. Calls that come together share one write. */
  save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#saving = this.#saving.then(() => this.#write());
    return this.#saving;
  }

  #changed(): void {
    this.#isDirty = true;
    if (this.#isClosed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.save(), this.#savedSize <= smallSize ? 1000 : 10_000);
  }

  async #write(): Promise<void> {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    try {
      const text = formatPositions(this.#positions.values());
      await replaceFile(this.#file, text);
      this.#savedSize = text.length;
    } catch (error) {
      this.#changed();
      this.#saveFailed(error);
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

/** Writes a file so that after a crash it is either the old or the new one. */
async function replaceFile(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o750 });
  const temporary = `${file}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
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
