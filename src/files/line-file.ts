import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { ownBuffer } from '../base/bytes.ts';
import { checkedSize, checksumBefore, type Checkpoint, type FileId, type Place } from './checkpoint.ts';
import { FileProblem } from './file-problem.ts';
import { splitLines, type LineRanges } from './line-splitter.ts';
import { UnsettledRanges, type LineRange } from './unsettled-ranges.ts';

/** How much is read at once. */
const chunkSize = 256 * 1024;

const newline = 0x0a;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Lines as ranges of bytes that nothing else uses. */
export interface Lines extends LineRanges {
  readonly bytes: Buffer;
}

export interface ReadLines {
  readonly lines: Lines;
  readonly range: LineRange;
  /** Bytes of a line that was too long. */
  readonly dropped: number;
}

/** The bytes before a place are not what they were when it was reached: the file was cut off or written anew. */
export class ContentChanged extends Error {
  override readonly name = 'ContentChanged';
}

/**
 * Whether the path still names the file, or has named it; of a file that is gone even the content that was not read yet
 * is not there any more.
 */
export type Phase = 'current' | 'left' | 'gone';

/**
 * One open file: how far its lines were read and delivered. It belongs to whoever opened it until `close`. Lines are read
 * up to the size seen last; a line without an end is not kept in memory but read again once its end was found.
 */
export class LineFile {
  readonly id: FileId;
  /** What was sent of it. */
  ranges = new UnsettledRanges({ offset: 0, checksum: 0 });
  phase: Phase = 'current';
  /** When it was seen to grow last, by `performance.now()`. */
  grownAt = 0;
  /** Whether it was decided where reading begins. */
  isPlaced = false;
  /** Whether the content turned out to be another than before; nothing more is read then. */
  isChanged = false;
  /** How often in a row reading has failed. */
  readErrors = 0;
  /** Where the content of a file that is gone can still be read. */
  copy: LineFile | undefined;
  readonly #handle: FileHandle;
  readonly #maxLineSize: number;
  #size: number;
  #modifiedAt: number;
  #head: number | undefined;
  /** Where the next line begins. */
  #start: Place = { offset: 0, checksum: 0 };
  /** Up to where there is no end of that line. */
  #scanned = 0;
  #skippedTo = 0;
  #reading: Promise<unknown> = Promise.resolve();
  /** Whether the content may have changed without growing. */
  #isSuspect = false;

  private constructor(handle: FileHandle, stats: Stats, maxLineSize: number) {
    this.#handle = handle;
    this.#maxLineSize = maxLineSize;
    this.id = { device: stats.dev, inode: stats.ino };
    this.#size = stats.size;
    this.#modifiedAt = stats.mtimeMs;
  }

  /** Opens a regular file. Lines are cut at the given size. */
  static async open(path: string, maxLineSize: number): Promise<LineFile> {
    // Without the flag, opening a pipe would wait for a writer.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = await handle.stat();
      if (!stats.isFile()) throw new FileProblem('not_a_file', 'is not a regular file');
      return new LineFile(handle, stats, maxLineSize);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  stat(): Promise<Stats> {
    return this.#handle.stat();
  }

  isSame(stats: Stats): boolean {
    return stats.ino === this.id.inode && stats.dev === this.id.device;
  }

  get size(): number {
    return this.#size;
  }

  /** How far lines were read. */
  get start(): Place {
    return this.#start;
  }

  /** Whether there may be something to read. */
  get hasUnread(): boolean {
    return this.#scanned < this.#size || this.#isSuspect;
  }

  /** Whether it ends in a line without an end. */
  get hasRest(): boolean {
    return this.#start.offset < this.#size && this.#size !== this.#skippedTo;
  }

  /** Leaves out the line without an end, unless the file grows again. */
  skipRest(): void {
    this.#skippedTo = this.#size;
  }

  /** Takes note of size and time as the file system has them now; tells whether there may be something to read. */
  see({ size, mtimeMs }: Stats): boolean {
    if (size === this.#size && mtimeMs === this.#modifiedAt) return false;
    this.#isSuspect = size === this.#size;
    if (size > this.#size) this.grownAt = performance.now();
    this.#size = size;
    this.#modifiedAt = mtimeMs;
    this.#scanned = Math.min(this.#scanned, Math.max(size, this.#start.offset));
    return true;
  }

  /** The place as a checkpoint from which reading can go on in a later run. */
  checkpoint({ offset, checksum }: Place): Checkpoint {
    return { offset, identity: { ...this.id, checksum, head: this.#head } };
  }

  /** Begins reading at a checkpoint if the content before it is what it was then. */
  async continueAt({ offset, identity }: Checkpoint): Promise<boolean> {
    if (offset > this.#size) return false;
    const before = await this.#read(Math.max(0, offset - checkedSize), offset);
    const checksum = crc32(before);
    if (identity !== undefined && identity.checksum !== checksum) return false;
    const needsHead = identity?.head !== undefined || offset >= checkedSize;
    const head = needsHead ? crc32(await this.#read(0, checkedSize)) : undefined;
    if (identity?.head !== undefined && identity.head !== head) return false;
    this.#head = head;
    this.#placeAt({ offset, checksum });
    return true;
  }

  /** Begins reading at the beginning. */
  startAtBeginning(): void {
    this.#placeAt({ offset: 0, checksum: 0 });
  }

  /** Begins reading after the last whole line. */
  async startAtEnd(): Promise<void> {
    let end = this.#size;
    let found = -1;
    while (end > 0 && found < 0) {
      const start = Math.max(0, end - chunkSize);
      const bytes = await this.#read(start, end);
      found = bytes.lastIndexOf(newline);
      end = found < 0 ? start : start + found + 1;
    }
    await this.continueAt({ offset: end, identity: undefined });
  }

  /** The next whole lines, at most about a chunk of them or one that is longer; undefined if there are none for now. */
  read(): Promise<ReadLines | undefined> {
    const reading = this.#readLines();
    this.#reading = reading.catch(() => undefined);
    return reading;
  }

  /** Resolves when no read is under way. */
  async untilIdle(): Promise<void> {
    await this.#reading;
  }

  /** What follows the last whole line, as a line. */
  readRest(): Promise<ReadLines> {
    return this.#readLine(this.#scanned);
  }

  /** The lines of a range that was read before. */
  async readAgain({ start, contentEnd }: LineRange): Promise<Lines> {
    const { bytes, from } = await this.#load(start, contentEnd);
    if (start.offset + bytes.length - from < contentEnd) throw new ContentChanged('the file has become shorter');
    return this.#linesOf(bytes, from, bytes.length, start.offset);
  }

  #placeAt(place: Place): void {
    this.#start = place;
    this.#scanned = place.offset;
    this.ranges = new UnsettledRanges(place);
    this.isPlaced = true;
  }

  async #readLines(): Promise<ReadLines | undefined> {
    while (this.hasUnread) {
      // Reading a short line again from its beginning is cheaper than keeping it, and longer ones are only searched.
      const isShort = this.#scanned - this.#start.offset < chunkSize / 2;
      const lines = isShort ? await this.#readChunk() : await this.#readLongLine();
      if (lines !== undefined) return lines;
    }
    return undefined;
  }

  async #readChunk(): Promise<ReadLines | undefined> {
    const start = this.#start;
    const wanted = Math.max(start.offset, Math.min(this.#size, start.offset + chunkSize));
    const { bytes, from } = await this.#load(start, wanted);
    this.#isSuspect = false;
    const base = start.offset - from;
    const end = bytes.lastIndexOf(newline) + 1;
    if (base + end > this.#scanned) return this.#advance(bytes, from, end, base + end);
    this.#scannedTo(base + bytes.length, wanted);
    return undefined;
  }

  /** Searches the end of a line that is long already, and reads the line if there is one. */
  async #readLongLine(): Promise<ReadLines | undefined> {
    const wanted = Math.min(this.#size, this.#scanned + chunkSize);
    const bytes = await this.#read(this.#scanned, wanted);
    const found = bytes.indexOf(newline);
    if (found >= 0) return this.#readLine(this.#scanned + found + 1);
    this.#isSuspect = false;
    this.#scannedTo(this.#scanned + bytes.length, wanted);
    return undefined;
  }

  #scannedTo(offset: number, wanted: number): void {
    this.#scanned = offset;
    // Less than there was: the next look will tell what happened.
    if (offset < wanted) this.#size = offset;
  }

  /** Reads one line that ends at an offset, and leaves out what is too long of it. */
  async #readLine(end: number): Promise<ReadLines> {
    const start = this.#start;
    // The line end does not count.
    const isTooLong = end - start.offset > this.#maxLineSize + 2;
    const contentEnd = isTooLong ? start.offset + this.#maxLineSize : end;
    const { bytes, from } = await this.#load(start, contentEnd);
    if (start.offset + bytes.length - from < contentEnd) throw new ContentChanged('the file has become shorter');
    if (!isTooLong) return this.#advance(bytes, from, bytes.length, end);
    const before = await this.#read(Math.max(0, end - checkedSize), end);
    const place = { offset: end, checksum: crc32(before) };
    return this.#advanceTo(place, bytes, from, bytes.length, contentEnd);
  }

  #advance(bytes: Buffer, from: number, to: number, end: number): Promise<ReadLines> {
    return this.#advanceTo({ offset: end, checksum: checksumBefore(bytes, to) }, bytes, from, to, end);
  }

  async #advanceTo(end: Place, bytes: Buffer, from: number, to: number, contentEnd: number): Promise<ReadLines> {
    const start = this.#start;
    if (this.#head === undefined && end.offset >= checkedSize) {
      const isFromBeginning = start.offset === from && to >= checkedSize;
      this.#head = crc32(isFromBeginning ? bytes.subarray(0, checkedSize) : await this.#read(0, checkedSize));
    }
    this.#start = end;
    this.#scanned = end.offset;
    return {
      lines: this.#linesOf(bytes, from, to, start.offset),
      range: { start, end, contentEnd },
      dropped: end.offset - contentEnd,
    };
  }

  #linesOf(bytes: Buffer, from: number, to: number, offset: number): Lines {
    const hasMark = offset === 0 && bytes.subarray(from, to).indexOf(byteOrderMark) === 0;
    const begin = hasMark ? from + byteOrderMark.length : from;
    // A few lines must not keep a large buffer alive.
    if (to - begin >= bytes.length / 4) return { bytes, ...splitLines(bytes, begin, to) };
    const own = ownBuffer(to - begin);
    bytes.copy(own, 0, begin, to);
    return { bytes: own, ...splitLines(own, 0, own.length) };
  }

  /** Reads from a place to an offset, or to the end of the file, and checks the bytes before the place. */
  async #load(start: Place, end: number): Promise<{ readonly bytes: Buffer; readonly from: number }> {
    const from = Math.min(start.offset, checkedSize);
    const bytes = await this.#read(start.offset - from, end);
    if (bytes.length < from || crc32(bytes.subarray(0, from)) !== start.checksum)
      throw new ContentChanged('the file was written anew');
    return { bytes, from };
  }

  async #read(start: number, end: number): Promise<Buffer> {
    const bytes = ownBuffer(Math.max(0, end - start));
    let size = 0;
    while (size < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, size, bytes.length - size, start + size);
      if (bytesRead === 0) break;
      size += bytesRead;
    }
    return size === bytes.length ? bytes : bytes.subarray(0, size);
  }
}
