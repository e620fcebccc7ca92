import type { Milliseconds } from '../base/duration.ts';
import { ParseError } from '../base/parse-error.ts';
import { formatAcknowledged, parseAcknowledged, type Acknowledged } from './acknowledged.ts';
import { errorCode, type FileSystem } from './file-system.ts';
import { replaceFile } from './replace-file.ts';

/** How long changes may be collected before they are written. */
const saveAfter: Milliseconds = 250;

const nothing: Acknowledged = { next: 1, ranges: [] };

/** The file that says which records of a queue are acknowledged. It is written a moment after a change. */
export class AcknowledgedFile {
  /** What was there when it was opened. */
  readonly found: Acknowledged;
  readonly #file: string;
  readonly #files: FileSystem;
  readonly #report: (problem: string, error: unknown) => void;
  /** Tells what to write; undefined if that is there already. */
  #current: (() => Acknowledged) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();
  #hasFailed = false;

  private constructor(
    file: string,
    found: Acknowledged,
    files: FileSystem,
    report: (problem: string, error: unknown) => void,
  ) {
    this.#file = file;
    this.found = found;
    this.#files = files;
    this.#report = report;
  }

  /** Reads the file. If it is missing or damaged, nothing counts as acknowledged. */
  static async open(
    file: string,
    files: FileSystem,
    report: (problem: string, error: unknown) => void,
  ): Promise<AcknowledgedFile> {
    let found = nothing;
    try {
      const read = parseAcknowledged(await files.readFile(file, 'utf8'));
      if (read instanceof ParseError) report('everything in the queue counts as not acknowledged', read);
      else found = read;
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '')) {
        report('everything in the queue counts as not acknowledged', error);
      }
    }
    return new AcknowledgedFile(file, found, files, report);
  }

  /** Tells that there is something new; the function is asked for it when it is written. */
  changed(current: () => Acknowledged): void {
    this.#current = current;
    this.#timer ??= setTimeout(() => void this.#save(), saveAfter);
  }

  /** Writes what is not written. */
  async close(): Promise<void> {
    await this.#save();
  }

  #save(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#saving = this.#saving.then(() => this.#write());
    return this.#saving;
  }

  async #write(): Promise<void> {
    const current = this.#current;
    if (current === undefined) return;
    this.#current = undefined;
    try {
      await replaceFile(this.#file, formatAcknowledged(current()), this.#files);
      this.#hasFailed = false;
    } catch (error) {
      this.#current ??= current;
      if (!this.#hasFailed) this.#report('cannot write what is acknowledged', error);
      this.#hasFailed = true;
    }
  }
}
