import path from 'node:path';
import { ownBuffer } from '../base/bytes.ts';
import { errorCode, type FileHandle, type FileSystem } from './file-system.ts';
import { decodeHeader, encodeHeader, headerSize, isIntact } from './record-header.ts';
import { scanSegment, type FoundRecord } from './segment-scan.ts';

/** One file of a log. */
export interface Segment {
  readonly file: string;
  /** The bytes of whole records. */
  size: number;
  /** Records that are not released. */
  live: number;
}

export interface StoredRecord extends FoundRecord {
  readonly segment: Segment;
}

export interface SegmentLogOptions {
  readonly directory: string;
  readonly files: FileSystem;
  /** The size from which on the next segment is begun. */
  readonly segmentBytes: number;
  /** Whether records survive a crash of the machine too. */
  readonly isSynced: boolean;
  /** Is told what went wrong where nobody waits for an answer. */
  report(problem: string, error: unknown): void;
}

interface ActiveSegment {
  readonly segment: Segment;
  readonly handle: FileHandle;
}

const segmentName = /^(\d{8,})\.log$/;

/**
 * Records in numbered files in one folder. A file goes when all of its records are released, whatever their order. Each
 * opening begins a new file, so that what a crash left behind is never appended to. One writer at a time; readers any.
 */
export class SegmentLog {
  /** The records that were there when it was opened, in their order. */
  readonly found: StoredRecord[] = [];
  /** Damaged places that were found when it was opened. */
  damages = 0;
  /** The number of the next record. Whoever knows of higher ones raises it before the first append. */
  nextSequence = 1;
  readonly #options: SegmentLogOptions;
  #nextSegment = 1;
  #bytes = 0;
  #active: ActiveSegment | undefined;
  #isWriting = false;
  /** The segment that was read last, other than the active one. */
  #reader: { readonly segment: Segment; readonly handle: Promise<FileHandle> } | undefined;
  #reading: Promise<unknown> = Promise.resolve();
  /** Removals and closings that nobody waits for before `close`. */
  #background: Promise<void> = Promise.resolve();

  private constructor(options: SegmentLogOptions) {
    this.#options = options;
  }

  /** Finds the records in a folder, which need not be there. What cannot be read is reported and left alone. */
  static async open(options: SegmentLogOptions): Promise<SegmentLog> {
    const log = new SegmentLog(options);
    await log.#load();
    return log;
  }

  /** The size of all files. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes records so that they survive a crash: one write, and one sync if that is wanted. Rejects if none is kept. */
  async append(payloads: readonly Buffer[], time: number): Promise<readonly StoredRecord[]> {
    const total = payloads.reduce((sum, payload) => sum + headerSize + payload.length, 0);
    // Numbers are not used again: what could not be written may turn up all the same.
    const first = this.nextSequence;
    this.nextSequence += payloads.length;
    this.#isWriting = true;
    try {
      const { segment, handle } = await this.#writable(total);
      try {
        const buffers = payloads.flatMap((payload, index) => [encodeHeader(first + index, time, payload), payload]);
        const { bytesWritten } = await handle.writev(buffers, segment.size);
        if (bytesWritten < total) throw new Error(`only ${bytesWritten} of ${total} bytes could be written`);
        if (this.#options.isSynced) await handle.datasync();
      } catch (error) {
        await this.#abandon(segment, handle);
        throw error;
      }
      let offset = segment.size;
      const records = payloads.map(({ length }, index) => {
        const record = { sequence: first + index, time, length, offset, segment };
        offset += headerSize + length;
        return record;
      });
      segment.size = offset;
      segment.live += records.length;
      this.#bytes += total;
      return records;
    } finally {
      this.#isWriting = false;
    }
  }

  /** The payload of a record; undefined if it is damaged. Rejects if the file cannot be read. */
  read(record: StoredRecord): Promise<Buffer | undefined> {
    // One after the other, so that none closes the file that another is about to read.
    const read = this.#reading.then(() => this.#read(record));
    this.#reading = read.catch(() => undefined);
    return read;
  }

  async #read({ segment, offset, length, sequence }: StoredRecord): Promise<Buffer | undefined> {
    const handle = this.#active?.segment === segment ? this.#active.handle : await this.#handleOf(segment);
    const bytes = ownBuffer(headerSize + length);
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, offset);
    const header = decodeHeader(bytes.subarray(0, bytesRead), 0);
    if (header?.sequence !== sequence || header.length !== length) return undefined;
    return isIntact(bytes.subarray(0, bytesRead), 0, header) ? bytes.subarray(headerSize) : undefined;
  }

  /** Tells that a record is needed no more; once for each. */
  release({ segment }: StoredRecord): void {
    segment.live--;
    if (segment.live > 0) return;
    const isActive = this.#active?.segment === segment;
    if (isActive && (this.#isWriting || segment.size < this.#options.segmentBytes / 2)) return;
    if (isActive) this.#seal();
    this.#remove(segment);
  }

  /** Waits for what is under way; files with records that are needed stay. */
  async close(): Promise<void> {
    const { segment } = this.#active ?? {};
    this.#seal();
    if (segment?.live === 0) this.#remove(segment);
    this.#closeReader();
    await this.#background;
  }

  async #load(): Promise<void> {
    const { directory, files, report } = this.#options;
    let names: string[] = [];
    try {
      names = await files.readdir(directory);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') report('cannot read the folder of the log', error);
    }
    const numbered = names.flatMap((name) => {
      const number = segmentName.exec(name)?.[1];
      return number === undefined ? [] : [{ name, number: Number(number) }];
    });
    for (const { name, number } of numbered.toSorted((a, b) => a.number - b.number)) {
      this.#nextSegment = number + 1;
      try {
        await this.#loadSegment(path.join(directory, name));
      } catch (error) {
        report('cannot read a segment of the log', error);
      }
    }
  }

  async #loadSegment(file: string): Promise<void> {
    const { handle, canWrite } = await this.#openExisting(file);
    try {
      const { size } = await handle.stat();
      const { records, end, damages } = await scanSegment(handle, size);
      this.damages += damages;
      const segment: Segment = { file, size: canWrite ? end : size, live: 0 };
      this.#bytes += segment.size;
      for (const record of records) {
        // A number that was there before is of a write that failed and yet got here.
        if (record.sequence < this.nextSequence) continue;
        this.nextSequence = record.sequence + 1;
        segment.live++;
        this.found.push({ ...record, segment });
      }
      if (segment.live === 0) this.#remove(segment);
      else if (canWrite && end < size) await handle.truncate(end);
    } finally {
      await handle.close();
    }
  }

  async #openExisting(file: string): Promise<{ handle: FileHandle; canWrite: boolean }> {
    const { files } = this.#options;
    try {
      return { handle: await files.open(file, 'r+'), canWrite: true };
    } catch (error) {
      if (!['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error) ?? '')) throw error;
      return { handle: await files.open(file, 'r'), canWrite: false };
    }
  }

  /** The segment to append to, a new one if so many bytes are too much for the last. */
  async #writable(bytes: number): Promise<ActiveSegment> {
    const { directory, files, segmentBytes, isSynced } = this.#options;
    const active = this.#active;
    if (active !== undefined) {
      if (active.segment.size === 0 || active.segment.size + bytes <= segmentBytes) return active;
      this.#seal();
      if (active.segment.live === 0) this.#remove(active.segment);
    }
    await files.mkdir(directory, { recursive: true, mode: 0o750 });
    const file = path.join(directory, `${String(this.#nextSegment).padStart(8, '0')}.log`);
    this.#nextSegment++;
    const handle = await files.open(file, 'wx+', 0o600);
    const opened: ActiveSegment = { segment: { file, size: 0, live: 0 }, handle };
    try {
      if (isSynced) await syncDirectory(files, directory);
    } catch (error) {
      await this.#abandon(opened.segment, handle);
      throw error;
    }
    this.#active = opened;
    return opened;
  }

  /** Gives up a segment after a failed write: nobody knows what is there behind its last record. */
  async #abandon(segment: Segment, handle: FileHandle): Promise<void> {
    this.#active = undefined;
    try {
      await handle.truncate(segment.size);
    } catch (error) {
      this.#options.report('cannot cut off a failed write', error);
    }
    this.#inBackground('cannot close a segment of the log', () => handle.close());
    if (segment.live === 0) this.#remove(segment);
  }

  #seal(): void {
    const { handle } = this.#active ?? {};
    this.#active = undefined;
    if (handle !== undefined) this.#inBackground('cannot close a segment of the log', () => handle.close());
  }

  #remove(segment: Segment): void {
    this.#bytes -= segment.size;
    if (this.#reader?.segment === segment) this.#closeReader();
    this.#inBackground('cannot remove a segment of the log', () => this.#options.files.unlink(segment.file));
  }

  #handleOf(segment: Segment): Promise<FileHandle> {
    if (this.#reader?.segment === segment) return this.#reader.handle;
    this.#closeReader();
    const handle = this.#options.files.open(segment.file, 'r');
    this.#reader = { segment, handle };
    handle.catch(() => {
      // Whoever reads is told; the next one tries anew.
      if (this.#reader?.handle === handle) this.#reader = undefined;
    });
    return handle;
  }

  #closeReader(): void {
    const { handle } = this.#reader ?? {};
    this.#reader = undefined;
    if (handle === undefined) return;
    this.#inBackground('cannot close a segment of the log', async () => {
      const [opened] = await Promise.allSettled([handle]);
      if (opened.status === 'fulfilled') await opened.value.close();
    });
  }

  #inBackground(problem: string, work: () => Promise<void>): void {
    this.#background = this.#background.then(work).catch((error: unknown) => this.#options.report(problem, error));
  }
}

/** Makes a new file survive a crash of the machine, where folders can be synced; elsewhere it does without. */
async function syncDirectory(files: FileSystem, directory: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await files.open(directory, 'r');
    await handle.sync();
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP'].includes(errorCode(error) ?? '')) throw error;
  } finally {
    await handle?.close();
  }
}
