import * as fs from 'node:fs';
import { codeOf, isAbsence } from './absence.ts';
import type { FileRound } from './file-round.ts';
import { numberIn } from './words.ts';

/*
 * The files of procfs and sysfs are in memory, so that opening and closing them waits for nothing, and neither does reading
 * most of them: all that is done at once. Opening takes longer than all else, and a file that stays open tells what there
 * is now when it is read from its beginning again.
 */

const maxTextBytes = 1024 * 1024;
const maxAttributeBytes = 128;

/** The kernel hands out as many whole lines as fit into so many bytes, or one that is longer. */
const pageBytes = 4096;

/** The types of procfs and sysfs, as `statfs` tells them. No file there is ever replaced by another of its name. */
const kernelTypes: ReadonlySet<number> = new Set([0x9fa0, 0x62656572]);

/** Errors of files that are not there. */
const missingCodes: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

/** Milliseconds within which a read is quick: in this thread, and in another one, which includes waiting for it. */
const quick = 0.5;
const quickAside = 10;

/** A driver that is slow now and then is found to be so once in as many scrapes: that is a day or more. */
const mostWantedReads = 10_000;

/** What is read is copied or made a text before anything else is read. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/** A file that is read once in a scrape, whoever asks for it how often. It may stay open until it is closed. */
export class HostFile {
  readonly #path: string;
  readonly #round: FileRound;
  /** The scrape in which it was read last. */
  #readIn = -1;
  #descriptor = -1;
  #isBeingRead = false;
  #isClosed = false;
  /** The scrape in which it was found missing, and why: making the error anew would take long. */
  #missingIn = -1;
  #missing: unknown;
  /** The bytes of an attribute when it was read last; undefined if there was none. */
  #bytes: Buffer | undefined;
  #text: string | undefined;
  #number: number | undefined;
  #isNumberKnown = false;
  /** Reads aside that were quick, one after the other, and how many are wanted before one is done at once. */
  #quickReads = 0;
  #wantedReads = 3;

  constructor(path: string, round: FileRound) {
    this.#path = path;
    this.#round = round;
  }

  get isInUse(): boolean {
    return this.#isBeingRead || this.#readIn === this.#round.scrape;
  }

  /**
   * The whole text, without what is beyond a megabyte; throws if it cannot be read. The same string as long as it is the
   * same. With the length of the longest line it is known to be read to its end without trying to read on.
   */
  text(longestLine: number): string {
    const known = this.#text;
    if (this.#readIn === this.#round.scrape && known !== undefined) return known;
    this.#readIn = this.#round.scrape;
    this.#text = undefined;
    const text = this.#readText(longestLine);
    return (this.#text = text === known ? known : text);
  }

  /** An attribute of sysfs, which is read with one read, as drivers expect; undefined if it cannot be read. */
  attribute(): string | undefined {
    if (!this.isInUse) this.#readAttribute();
    return this.#text;
  }

  /** An attribute that is a number; undefined if it cannot be read or is none. */
  number(): number | undefined {
    const text = this.attribute();
    if (!this.#isNumberKnown) [this.#number, this.#isNumberKnown] = [numberIn(text), true];
    return this.#number;
  }

  /** Reads an attribute for this scrape in another thread, since its driver may take its time. */
  readAside(): Promise<void> | undefined {
    if (this.isInUse) return undefined;
    const { scrape } = this.#round;
    const descriptor = this.#openIfPresent();
    if (descriptor < 0) {
      this.#take(scrape, undefined);
      return undefined;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const buffer = Buffer.allocUnsafe(maxAttributeBytes);
    this.#isBeingRead = true;
    fs.read(descriptor, buffer, 0, maxAttributeBytes, 0, (error, bytesRead) => {
      this.#isBeingRead = false;
      this.#take(scrape, error === null ? buffer.subarray(0, bytesRead) : undefined);
      this.#finish(descriptor, isLasting(error));
      if (error === null || isAbsence(error)) resolve();
      else reject(error);
    });
    return promise;
  }

  /** Takes what it was when it was read in a scrape or later as what it is, without reading it; false if it was not. */
  keepSince(scrape: number): boolean {
    if (this.#readIn < scrape) return false;
    this.#readIn = this.#round.scrape;
    return true;
  }

  /** Reads an attribute aside until that has been quick for some time, and at once as long as that is quick. */
  readWithCare(): Promise<void> | undefined {
    const start = performance.now();
    if (this.#quickReads < this.#wantedReads)
      return this.readAside()?.then(() => {
        this.#quickReads = performance.now() - start <= quickAside ? this.#quickReads + 1 : 0;
      });
    this.attribute();
    if (performance.now() - start > quick) {
      this.#quickReads = 0;
      this.#wantedReads = Math.min(this.#wantedReads * 8, mostWantedReads);
    }
    return undefined;
  }

  /** Gives back what is open, now or when it has been read. */
  close(): void {
    this.#isClosed = true;
    if (!this.#isBeingRead) this.#closeDescriptor();
  }

  #readText(longestLine: number): string {
    const wasOpen = this.#descriptor >= 0;
    if (!wasOpen && this.#missing !== undefined && this.#isMissing) throw this.#missing;
    const descriptor = this.#openOrTell();
    let isRead = false;
    try {
      const text = readText(descriptor, descriptor === this.#descriptor ? longestLine : Infinity);
      isRead = true;
      return text;
    } catch (error) {
      if (!wasOpen) throw error;
    } finally {
      this.#finish(descriptor, isRead);
    }
    // It had stayed open, and may be there again as another one.
    return this.#readText(longestLine);
  }

  #readAttribute(): void {
    const { scrape } = this.#round;
    const descriptor = this.#openIfPresent();
    if (descriptor < 0) return this.#take(scrape, undefined);
    let failure: unknown = null;
    try {
      const bytesRead = fs.readSync(descriptor, readBuffer, 0, maxAttributeBytes, 0);
      this.#take(scrape, readBuffer, bytesRead);
    } catch (error) {
      failure = error;
      this.#take(scrape, undefined);
      if (!isAbsence(error)) throw error;
    } finally {
      this.#finish(descriptor, isLasting(failure));
    }
  }

  #take(scrape: number, bytes: Buffer | undefined, length = bytes?.length ?? 0): void {
    this.#readIn = scrape;
    if (isSame(this.#bytes, bytes, length)) return;
    this.#bytes = bytes && Buffer.from(bytes.subarray(0, length));
    this.#text = this.#bytes?.toString('utf8').replaceAll('\0', '').trim();
    this.#isNumberKnown = false;
  }

  /** Whether it is still missing. This is found out without an error, which would take longer than all else. */
  get #isMissing(): boolean {
    const { scrape, unchangedSince } = this.#round;
    if (this.#missingIn >= unchangedSince) return true;
    if (fs.existsSync(this.#path)) return false;
    this.#missingIn = scrape;
    return true;
  }

  #openIfPresent(): number {
    if (this.#descriptor >= 0) return this.#descriptor;
    if (this.#isMissing) return -1;
    try {
      return this.#open();
    } catch (error) {
      if (isAbsence(error)) return -1;
      throw error;
    }
  }

  #openOrTell(): number {
    try {
      return this.#open();
    } catch (error) {
      this.#missing = missingCodes.has(codeOf(error)) ? error : undefined;
      throw error;
    }
  }

  #open(): number {
    if (this.#descriptor >= 0) return this.#descriptor;
    const descriptor = fs.openSync(this.#path, 'r');
    const round = this.#round;
    if (!this.#isClosed && round.open < round.maxOpen && isOfKernel(this.#path)) {
      this.#descriptor = descriptor;
      round.open++;
    }
    return descriptor;
  }

  /** Ends a read. A file stays open if it may and it could be read. */
  #finish(descriptor: number, isUsable: boolean): void {
    if (descriptor !== this.#descriptor) fs.closeSync(descriptor);
    else if (!isUsable || this.#isClosed) this.#closeDescriptor();
  }

  #closeDescriptor(): void {
    if (this.#descriptor < 0) return;
    fs.closeSync(this.#descriptor);
    this.#descriptor = -1;
    this.#round.open--;
  }
}

/** Whether a file that could not be read can stay open: an attribute may have no value for now. */
function isLasting(error: unknown): boolean {
  return error === null || codeOf(error) === 'EINVAL';
}

function isOfKernel(path: string): boolean {
  try {
    return kernelTypes.has(fs.statfsSync(path).type);
  } catch {
    // It has gone just now; reading it tells.
    return false;
  }
}

function isSame(known: Buffer | undefined, bytes: Buffer | undefined, length: number): boolean {
  if (known === undefined || bytes === undefined) return known === bytes;
  if (known.length !== length) return false;
  for (let at = 0; at < length; at++) if (known[at] !== bytes[at]) return false;
  return true;
}

function readText(file: number, longestLine: number): string {
  let buffer = readBuffer;
  let length = 0;
  for (;;) {
    const bytesRead = fs.readSync(file, buffer, length, buffer.length - length, length);
    length += bytesRead;
    const isFull = length === buffer.length;
    if (bytesRead === 0 || length >= maxTextBytes || (!isFull && length + longestLine < pageBytes))
      return buffer.toString('utf8', 0, length);
    if (isFull) buffer = Buffer.concat([buffer], Math.min(buffer.length * 2, maxTextBytes));
  }
}
