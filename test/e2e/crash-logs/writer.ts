import { closeSync, openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nextLines, type Format } from './log-lines.ts';
import { between, randomFrom } from './random.ts';
import { isRenaming, rotate, type Rotation } from './rotation.ts';

/*
 * A process of its own that writes numbered lines to files and rotates them when it is told. It is never killed, so what
 * it says at its end is what there must be.
 */

export interface WrittenFile {
  readonly name: string;
  readonly format: Format;
  readonly rotation: Rotation;
}

/** What the process is started with, as JSON. */
export interface WriterOptions {
  readonly folder: string;
  readonly files: readonly WrittenFile[];
  readonly seed: number;
}

/** `rotate` is the index of a file. */
export type WriterCommand = { readonly rotate: number } | 'stop';

export interface WriterReport {
  /** The number of the last line of each file; the first line is 1. Only at the end. */
  readonly written?: readonly number[];
  /** A file whose rotation is over. */
  readonly rotated?: number;
}

const { folder, files, seed } = JSON.parse(process.argv[2] ?? '') as WriterOptions;
const random = randomFrom(seed);

class NumberedFile {
  readonly #index: number;
  readonly #file: WrittenFile;
  readonly #path: string;
  #handle: number;
  /** What is still to be written of the last lines. */
  #pending: string[] = [];
  /** The rest of a piece of which only the beginning is written. */
  #rest = '';
  /** The number of the last line that was begun. */
  #last = 0;

  constructor(index: number, file: WrittenFile) {
    this.#index = index;
    this.#file = file;
    this.#path = path.join(folder, file.name);
    this.#handle = openSync(this.#path, 'a');
  }

  write(pieces: number): void {
    let text = this.#rest;
    this.#rest = '';
    for (let count = 0; count < pieces; count++) text += this.#next();
    // Programs that buffer their output write to any place in a line.
    if (text.length > 1 && random() < 0.1) {
      const cut = between(random, 1, text.length);
      this.#rest = text.slice(cut);
      text = text.slice(0, cut);
    }
    if (text !== '') writeFileSync(this.#handle, text);
  }

  async rotate(): Promise<void> {
    this.#endPiece();
    const { rotation } = this.#file;
    rotate(this.#path, rotation);
    if (!isRenaming(rotation)) return;
    // Until it opens the new file, a program goes on to write to the old one.
    if (random() < 0.5) await sleep(between(random, 1, 150));
    this.#endPiece();
    closeSync(this.#handle);
    this.#handle = openSync(this.#path, 'a');
  }

  /** Ends lines that were begun; the result is the number of the last one. */
  end(): number {
    let text = '';
    while (this.#pending.length > 0) text += this.#next();
    this.#endPiece();
    writeFileSync(this.#handle, text);
    closeSync(this.#handle);
    return this.#last;
  }

  #next(): string {
    if (this.#pending.length === 0) {
      const { texts, last } = nextLines(this.#file.format, this.#index, this.#last + 1);
      this.#pending = [...texts];
      this.#last = last;
    }
    return this.#pending.shift() ?? '';
  }

  #endPiece(): void {
    if (this.#rest !== '') writeFileSync(this.#handle, this.#rest);
    this.#rest = '';
  }
}

const numbered = files.map((file, index) => new NumberedFile(index, file));

const timer = setInterval(() => {
  for (const file of numbered) file.write(random() < 0.001 ? 500 : between(random, 0, 3));
}, 10);

async function obey(command: WriterCommand): Promise<WriterReport> {
  if (command !== 'stop') {
    await numbered[command.rotate]?.rotate();
    return { rotated: command.rotate };
  }
  clearInterval(timer);
  return { written: numbered.map((file) => file.end()) };
}

process.on('message', (command: WriterCommand) => {
  void obey(command).then((report) => {
    process.send?.(report);
    if (report.written !== undefined) process.disconnect();
  });
});
