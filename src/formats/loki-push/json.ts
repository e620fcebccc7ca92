import { ByteKeys } from '../../base/byte-keys.ts';
import type { Instant } from '../../base/instant.ts';
import { ParseError } from '../../base/parse-error.ts';
import { parseRfc3339 } from '../../base/rfc3339.ts';
import { Labels } from '../../model/labels.ts';
import { LogBatchBuilder } from '../../model/log-batch-builder.ts';
import { JsonCursor } from '../json/json-cursor.ts';
import { tooManyEntries, tooManyStreams, type DecodedPush, type PushLimits } from './decoded-push.ts';
import { labelsFromPairs, lengthProblem, parseLabelSet } from './label-set.ts';
import { parseUnixNanos } from './unix-nanos.ts';

const streamKeys = new ByteKeys(['stream', 'labels', 'values', 'entries']);
const [streamKey, labelsKey, valuesKey, entriesKey] = [0, 1, 2, 3];
const entryKeys = new ByteKeys(['ts', 'line']);
const [timeKey, lineKey] = [0, 1];
const requestKeys = new ByteKeys(['streams']);

/**
 * Reads the JSON form of a push request, `{"streams": [{"stream": {"a": "b"}, "values": [["<nanoseconds since 1970>",
 * "line", {"metadata": "value"}]]}]}`. Streams may also have the older form `{"labels": "{a=\"b\"}", "entries": [{"ts":
 * "2024-05-01T12:34:56Z", "line": "line"}]}`.
 *
 * The bytes belong to the decoder from now on: escapes are replaced in them, and the lines of the batch are ranges of them.
 */
export function decodeJsonPush(bytes: Buffer, readAt: number, limits: PushLimits): DecodedPush | ParseError {
  return new JsonPushDecoder(bytes, readAt, limits).decode();
}

class JsonPushDecoder {
  readonly #bytes: Buffer;
  readonly #limits: PushLimits;
  readonly #cursor = new JsonCursor();
  readonly #batch = new LogBatchBuilder();
  readonly #time: Instant = { seconds: 0, nanos: 0 };
  #streamCount = 0;
  #entryCount = 0;
  #labelError: ParseError | undefined;
  /** What is wrong with the request, if not that it is no JSON. */
  #problem: ParseError | undefined;

  constructor(bytes: Buffer, readAt: number, limits: PushLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
    this.#batch.start(bytes, readAt);
  }

  decode(): DecodedPush | ParseError {
    const cursor = this.#cursor;
    cursor.open(this.#bytes);
    const isRead = this.#readRequest();
    if (this.#problem !== undefined) return this.#problem;
    if (!isRead || !cursor.isAtEnd) return new ParseError('push request is not a valid JSON object');
    const lostEntries = this.#entryCount - this.#batch.count;
    return { batch: this.#batch.finish(), labelError: this.#labelError, lostEntries };
  }

  #readRequest(): boolean {
    const cursor = this.#cursor;
    cursor.enterObject();
    while (cursor.nextMember()) {
      const isStreams = this.#key(requestKeys) === 0;
      if (isStreams ? !this.#readStreams() : !cursor.skipValue()) return false;
    }
    return !cursor.isBroken;
  }

  #readStreams(): boolean {
    const cursor = this.#cursor;
    const { maxStreams } = this.#limits;
    if (cursor.readNull()) return true;
    if (!cursor.enterArray()) return this.#fail('"streams" of push request must be an array');
    while (cursor.nextElement()) {
      if (++this.#streamCount > maxStreams) return this.#refuse(tooManyStreams(maxStreams));
      if (!this.#readStream()) return false;
    }
    return !cursor.isBroken;
  }

  /** Reads a stream, whose labels may stand behind its entries. */
  #readStream(): boolean {
    const cursor = this.#cursor;
    if (!cursor.enterObject()) return this.#fail('streams of push request must be objects');
    let labels: Labels | ParseError | undefined;
    let entriesAt = -1;
    while (cursor.nextMember()) {
      const key = this.#key(streamKeys);
      if (key === streamKey || key === labelsKey) {
        labels = key === streamKey ? this.#readLabelObject() : this.#readLabelText();
        if (labels === undefined) return false;
      } else if (key !== valuesKey && key !== entriesKey) {
        if (!cursor.skipValue()) return false;
      } else if (labels === undefined) {
        entriesAt = cursor.at;
        if (!cursor.skipValue()) return false;
      } else if (!this.#readEntries(labels)) return false;
    }
    if (cursor.isBroken) return false;
    if (labels instanceof ParseError) this.#labelError ??= labels;
    if (entriesAt < 0) return true;
    const end = cursor.at;
    cursor.at = entriesAt;
    if (!this.#readEntries(labels ?? Labels.empty)) return false;
    cursor.at = end;
    return true;
  }

  #readLabelObject(): Labels | ParseError | undefined {
    const cursor = this.#cursor;
    const start = cursor.at;
    if (cursor.readNull()) return Labels.empty;
    if (!cursor.skipValue()) return undefined;
    const problem = lengthProblem(cursor.at - start);
    if (problem !== undefined) return problem;
    cursor.at = start;
    const pairs: [string, string][] = [];
    if (this.#readTexts((name, value) => pairs.push([name, value]))) return labelsFromPairs(pairs);
    this.#fail('"stream" of push request must be an object of strings');
    return undefined;
  }

  #readLabelText(): Labels | ParseError | undefined {
    if (this.#cursor.readString()) return parseLabelSet(this.#cursor.text());
    this.#fail('"labels" of push request must be a string');
    return undefined;
  }

  /** Reads the entries of a stream; without labels, only counts them. */
  #readEntries(labels: Labels | ParseError): boolean {
    const cursor = this.#cursor;
    const { maxEntries } = this.#limits;
    if (cursor.readNull()) return true;
    if (!cursor.enterArray()) return this.#fail('"values" of push request must be an array');
    while (cursor.nextElement()) {
      if (++this.#entryCount > maxEntries) return this.#refuse(tooManyEntries(maxEntries));
      const isRead = labels instanceof ParseError ? cursor.skipValue() : this.#readEntry(labels);
      if (!isRead) return false;
    }
    return !cursor.isBroken;
  }

  #readEntry(labels: Labels): boolean {
    const cursor = this.#cursor;
    if (cursor.enterObject()) return this.#readOldEntry(labels);
    if (!cursor.enterArray()) return this.#fail('entries of push request must be arrays');
    const hasTime = cursor.nextElement() && cursor.readString();
    cursor.unescape();
    if (!hasTime || !parseUnixNanos(this.#bytes, cursor.start, cursor.end, this.#time))
      return this.#fail('timestamps of push request must be strings of nanoseconds since 1970');
    if (!cursor.nextElement() || !cursor.readString()) return this.#fail('lines of push request must be strings');
    cursor.unescape();
    this.#batch.add(cursor.start, cursor.end, this.#time.seconds, this.#time.nanos, labels);
    if (!cursor.nextElement()) return !cursor.isBroken;
    if (!this.#readTexts(this.#addPair))
      return this.#fail('structured metadata of push request must be an object of strings');
    while (cursor.nextElement()) cursor.skipValue();
    return !cursor.isBroken;
  }

  readonly #addPair = (name: string, value: string): void => this.#batch.addPair(name, value);

  #readOldEntry(labels: Labels): boolean {
    const cursor = this.#cursor;
    let hasTime = false;
    let start = 0;
    let end = 0;
    while (cursor.nextMember()) {
      const key = this.#key(entryKeys);
      if (key === timeKey) {
        hasTime = cursor.readString();
        cursor.unescape();
        hasTime &&= parseRfc3339(this.#bytes, cursor.start, cursor.end, this.#time);
        if (!hasTime) break;
      } else if (key === lineKey) {
        if (!cursor.readString()) return this.#fail('lines of push request must be strings');
        cursor.unescape();
        start = cursor.start;
        end = cursor.end;
      } else if (!cursor.skipValue()) return false;
    }
    if (!hasTime) return this.#fail('"ts" of push request must be a time such as "2006-01-02T15:04:05Z"');
    this.#batch.add(start, end, this.#time.seconds, this.#time.nanos, labels);
    return !cursor.isBroken;
  }

  /** Reads an object whose values are all strings; false if something else is there. */
  #readTexts(take: (name: string, value: string) => void): boolean {
    const cursor = this.#cursor;
    if (!cursor.enterObject()) return false;
    while (cursor.nextMember()) {
      const name = cursor.text();
      if (!cursor.readString()) return false;
      take(name, cursor.text());
    }
    return !cursor.isBroken;
  }

  /** Which of some keys the member has. */
  #key(keys: ByteKeys): number {
    this.#cursor.unescape();
    return keys.find(this.#bytes, this.#cursor.start, this.#cursor.end);
  }

  /** What is no JSON at all is not also said to be of the wrong kind. */
  #fail(message: string): false {
    return this.#cursor.isBroken ? false : this.#refuse(new ParseError(message));
  }

  #refuse(problem: ParseError): false {
    this.#problem ??= problem;
    return false;
  }
}
