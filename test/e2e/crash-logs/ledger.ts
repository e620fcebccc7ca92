import type { ReceivedEntry } from '../../../src/testkit/loki-receiver.ts';
import type { Queue } from './config.ts';
import { contentOf, readContent, type LineNumber } from './log-lines.ts';

/** A push request whose entries the receiver has stored. */
interface StoredRequest {
  /** The run of the collector that has sent it. */
  readonly run: number;
  readonly number: number;
  readonly at: number;
}

/** A line as one run of the collector has read it. */
interface Copy {
  readonly readBy: number;
  /** The last that held it. */
  request: StoredRequest;
}

/** What of one file came again since a run of the collector was killed. */
interface Repetition {
  lines: number;
  bytes: number;
  readonly requests: Set<number>;
}

/** What is delivered so shortly before the end, in milliseconds or requests, belongs to the batch that may come again. */
const batchTime = 1000;
const batchRequests = 3;

/** What a source may read of a file until it records it, where entries are accepted at once: that is a matter of disks. */
const batchBytes = 2 * 1024 * 1024;

/**
 * Compares what was written with what arrived.
 *
 * After a kill the last *batch* of a file may come again: what was delivered and not yet recorded as that. A source records
 * what it sent at once when all of that is delivered, and this may be spread over two requests; it writes records with a
 * short rest after each; and the answer to the last request may not have been seen. So the lines of the last three
 * requests are of the last batch, and if requests follow each other quickly, those of the last second.
 *
 * A queue on disk may in addition hold twice what was put into it and not yet recorded by the source; how much that is
 * cannot be seen in requests, and is bounded by its size. Where a line came in parts, its end may come again alone.
 */
export class Ledger {
  readonly #queue: Queue;
  /** By file and line number. */
  readonly #copies: Copy[][][];
  readonly #acknowledged: Set<number>[];
  /** The last request of each run of the collector that has ended. */
  readonly #ends = new Map<number, StoredRequest>();
  #last: StoredRequest | undefined;
  readonly #repetitions = new Map<string, Repetition>();
  /** The last line of a file in each stream. */
  readonly #lastOf = new Map<string, number>();
  readonly #problems: string[] = [];
  #problemCount = 0;
  #requests = 0;
  #duplicates = 0;
  #torn = 0;

  constructor(files: number, queue: Queue) {
    this.#queue = queue;
    this.#copies = Array.from({ length: files }, () => []);
    this.#acknowledged = Array.from({ length: files }, () => new Set());
  }

  /** Takes note of what the receiver keeps, whether or not the answer arrives. */
  store(run: number, entries: readonly ReceivedEntry[]): void {
    const request = { run, number: ++this.#requests, at: performance.now() };
    this.#last = request;
    for (const { labels, labelText, line: content } of entries) {
      const line = readContent(content);
      const lines = line && this.#copies[line.file];
      if (line === undefined || lines === undefined || labels['file'] !== String(line.file)) {
        this.#problem(`an entry is no line that was written: ${labelText} ${content.slice(0, 200)}`);
        continue;
      }
      const copies = (lines[line.number] ??= []);
      if (line.isWhole) {
        if (copies.length === 0) this.#checkOrder(line, labelText.replace(/, run="\d+"/, ''));
        this.#add(line, Number(labels['run']), copies, request);
      } else {
        this.#torn++;
        if (copies.length === 0) this.#problem(`only the end of ${nameOf(line)} has arrived`);
      }
    }
  }

  /** Takes note of what was answered with success. */
  acknowledge(entries: readonly ReceivedEntry[]): void {
    for (const { line } of entries) {
      const found = readContent(line);
      if (found?.isWhole === true) this.#acknowledged[found.file]?.add(found.number);
    }
  }

  /** A run of the collector has ended. */
  ended(run: number): void {
    if (this.#last !== undefined) this.#ends.set(run, this.#last);
  }

  /** How many lines were acknowledged. */
  get count(): number {
    return this.#acknowledged.reduce((sum, lines) => sum + lines.size, 0);
  }

  get duplicates(): number {
    return this.#duplicates;
  }

  /** Of how many lines that had arrived the end came again as a line of its own. */
  get torn(): number {
    return this.#torn;
  }

  /** Whether something of every file has arrived. */
  get hasAllFiles(): boolean {
    return this.#copies.every((lines) => lines.length > 0);
  }

  /** The most lines of one file that came again after one kill. */
  get mostRepeatedLines(): number {
    return Math.max(0, ...this.#repetitions.values().map(({ lines }) => lines));
  }

  /** In how many requests the lines of one file were that came again after one kill, at most. */
  get mostRepeatedRequests(): number {
    return Math.max(0, ...this.#repetitions.values().map(({ requests }) => requests.size));
  }

  /** What must not be: lines that are torn, in another order, or repeated though they are of an older batch. */
  get problems(): readonly string[] {
    const more = this.#problemCount - this.#problems.length;
    return more === 0 ? this.#problems : [...this.#problems, `and ${more} more`];
  }

  /** The lines of a file that were not acknowledged, of as many as were written. */
  lost(file: number, written: number): number[] {
    const acknowledged = this.#acknowledged[file];
    return Array.from({ length: written }, (_, index) => index + 1).filter((number) => !acknowledged?.has(number));
  }

  #checkOrder(line: LineNumber, stream: string): void {
    const key = `${line.file} ${stream}`;
    const last = this.#lastOf.get(key) ?? 0;
    if (line.number < last) this.#problem(`${nameOf(line)} comes after line ${last} of the same stream`);
    this.#lastOf.set(key, Math.max(line.number, last));
  }

  #add(line: LineNumber, readBy: number, copies: Copy[], request: StoredRequest): void {
    const sent = copies.find((copy) => copy.readBy === readBy);
    const read = sent ?? copies.at(-1);
    if (read !== undefined) {
      const repetition = this.#repetition(sent === undefined ? read.readBy : read.request.run, line);
      repetition.requests.add(read.request.number);
      if (sent === undefined && this.#queue === 'wal') this.#readAgain(line, repetition);
      else this.#sentAgain(line, read.request, request);
    }
    if (sent === undefined) copies.push({ readBy, request });
    else sent.request = request;
  }

  /** The repetition after a run, with the line added. */
  #repetition(run: number, line: LineNumber): Repetition {
    this.#duplicates++;
    const key = `${run} ${line.file}`;
    const repetition = this.#repetitions.get(key) ?? { lines: 0, bytes: 0, requests: new Set() };
    this.#repetitions.set(key, repetition);
    repetition.lines++;
    return repetition;
  }

  #readAgain(line: LineNumber, repetition: Repetition): void {
    repetition.bytes += contentOf(line).length;
    if (repetition.bytes > batchBytes)
      this.#problem(`${nameOf(line)} came again, after ${batchBytes} bytes of the file`);
  }

  #sentAgain(line: LineNumber, before: StoredRequest, now: StoredRequest): void {
    const end = this.#ends.get(before.run);
    if (before.run === now.run || end === undefined) {
      this.#problem(`${nameOf(line)} came twice from run ${before.run} of the collector`);
      return;
    }
    const isOfLastBatch = end.number - before.number < batchRequests || end.at - before.at <= batchTime;
    if (isOfLastBatch) return;
    const [requests, time] = [end.number - before.number, Math.round(end.at - before.at)];
    this.#problem(
      `${nameOf(line)} came again, ${requests} requests and ${time} ms before the last of run ${before.run}`,
    );
  }

  #problem(text: string): void {
    this.#problemCount++;
    if (this.#problems.length < 20) this.#problems.push(text);
  }
}

function nameOf({ file, number }: LineNumber): string {
  return `line ${number} of file ${file}`;
}
