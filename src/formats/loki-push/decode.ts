import { utf8 } from '../../base/bytes.ts';
import { ParseError } from '../../base/parse-error.ts';
import { LogBatchBuilder } from '../../model/log-batch-builder.ts';
import type { Labels } from '../../model/labels.ts';
import { FieldReader, wireType } from '../protobuf/field-reader.ts';
import { noLimits, tooManyEntries, tooManyStreams, type DecodedPush, type PushLimits } from './decoded-push.ts';
import { parseLabelSet } from './label-set.ts';

/** The years 1 to 9999, which is what a timestamp of protobuf can be. */
const minSeconds = -62_135_596_800;
const maxSeconds = 253_402_300_799;

/** The tags in the form of `structured-metadata.ts`. */
const pairTag = 0x1a;
const nameTag = 0x0a;
const valueTag = 0x12;

const broken = new ParseError('push request is not valid protobuf');

/**
 * Reads a `logproto.PushRequest`, without compression. The lines of the batch are ranges of the given bytes, which must
 * not change any more.
 */
export function decodePush(bytes: Buffer, readAt: number, limits = noLimits): DecodedPush | ParseError {
  return new PushDecoder(bytes, readAt, limits).decode();
}

/** Has one reader for each level of messages, so that none is made for an entry. */
class PushDecoder {
  readonly #bytes: Buffer;
  readonly #limits: PushLimits;
  readonly #batch = new LogBatchBuilder();
  readonly #streams = new FieldReader();
  readonly #stream = new FieldReader();
  readonly #entry = new FieldReader();
  readonly #timestamp = new FieldReader();
  readonly #pair = new FieldReader();
  #seconds = 0;
  #nanos = 0;
  #lineStart = 0;
  #lineEnd = 0;
  #entryCount = 0;

  constructor(bytes: Buffer, readAt: number, limits: PushLimits) {
    this.#bytes = bytes;
    this.#limits = limits;
    this.#batch.start(bytes, readAt);
  }

  decode(): DecodedPush | ParseError {
    const streams = this.#streams;
    const { maxEntries, maxStreams } = this.#limits;
    let labelError: ParseError | undefined;
    let streamCount = 0;
    streams.open(this.#bytes, 0, this.#bytes.length);
    while (streams.next()) {
      if (!streams.is(1, wireType.bytes)) continue;
      if (++streamCount > maxStreams) return tooManyStreams(maxStreams);
      const { start, end } = streams;
      const labels = this.#readLabels(start, end);
      if (labels instanceof ParseError) labelError ??= labels;
      const isRead =
        labels instanceof ParseError ? this.#passEntries(start, end) : this.#readEntries(start, end, labels);
      if (this.#entryCount > maxEntries) return tooManyEntries(maxEntries);
      if (!isRead || this.#stream.isBroken) return broken;
    }
    if (streams.isBroken) return broken;
    const lostEntries = this.#entryCount - this.#batch.count;
    return { batch: this.#batch.finish(), labelError, lostEntries };
  }

  /** The labels of a stream, which may stand behind its entries. */
  #readLabels(start: number, end: number): Labels | ParseError {
    const stream = this.#stream;
    let text = '';
    stream.open(this.#bytes, start, end);
    while (stream.next()) {
      if (stream.is(1, wireType.bytes)) text = utf8(this.#bytes, stream.start, stream.end);
    }
    return parseLabelSet(text);
  }

  #readEntries(start: number, end: number, labels: Labels): boolean {
    const stream = this.#stream;
    stream.open(this.#bytes, start, end);
    while (stream.next()) {
      if (!stream.is(2, wireType.bytes)) continue;
      if (++this.#entryCount > this.#limits.maxEntries) return false;
      if (!this.#readEntry(stream.start, stream.end)) return false;
      this.#batch.add(this.#lineStart, this.#lineEnd, this.#seconds, this.#nanos, labels);
      if (!this.#readMetadata(stream.start, stream.end)) return false;
    }
    return true;
  }

  /** Counts the entries of a stream that is left out. */
  #passEntries(start: number, end: number): boolean {
    const stream = this.#stream;
    stream.open(this.#bytes, start, end);
    while (stream.next()) if (stream.is(2, wireType.bytes)) this.#entryCount++;
    return true;
  }

  #readEntry(start: number, end: number): boolean {
    const entry = this.#entry;
    this.#seconds = 0;
    this.#nanos = 0;
    this.#lineStart = start;
    this.#lineEnd = start;
    entry.open(this.#bytes, start, end);
    while (entry.next()) {
      if (entry.is(1, wireType.bytes)) {
        if (!this.#readTimestamp(entry.start, entry.end)) return false;
      } else if (entry.is(2, wireType.bytes)) {
        this.#lineStart = entry.start;
        this.#lineEnd = entry.end;
      }
    }
    return !entry.isBroken;
  }

  #readTimestamp(start: number, end: number): boolean {
    const timestamp = this.#timestamp;
    timestamp.open(this.#bytes, start, end);
    while (timestamp.next()) {
      if (timestamp.is(1, wireType.varint)) this.#seconds = timestamp.value;
      else if (timestamp.is(2, wireType.varint)) this.#nanos = timestamp.value;
    }
    const areSecondsValid = this.#seconds >= minSeconds && this.#seconds <= maxSeconds;
    return areSecondsValid && this.#nanos >= 0 && this.#nanos < 1e9 && !timestamp.isBroken;
  }

  /** Gives the entry that was added last the pairs of an entry that was found to be valid but for them. */
  #readMetadata(start: number, end: number): boolean {
    const entry = this.#entry;
    entry.open(this.#bytes, start, end);
    while (entry.next()) if (entry.is(3, wireType.bytes) && !this.#readPair()) return false;
    return true;
  }

  /** Adds a pair as the bytes it is, unless they are not in the form in which batches keep them. */
  #readPair(): boolean {
    const bytes = this.#bytes;
    const entry = this.#entry;
    const pair = this.#pair;
    let isInForm = bytes[entry.tagStart] === pairTag;
    let nameStart = 0;
    let nameEnd = 0;
    let valueStart = 0;
    let valueEnd = 0;
    pair.open(bytes, entry.start, entry.end);
    while (pair.next()) {
      const tag = bytes[pair.tagStart];
      isInForm &&= tag === nameTag || tag === valueTag;
      if (pair.is(1, wireType.bytes)) {
        nameStart = pair.start;
        nameEnd = pair.end;
      } else if (pair.is(2, wireType.bytes)) {
        valueStart = pair.start;
        valueEnd = pair.end;
      }
    }
    if (pair.isBroken) return false;
    if (isInForm) this.#batch.addMetadata(bytes, entry.tagStart, entry.end);
    else this.#batch.addPair(utf8(bytes, nameStart, nameEnd), utf8(bytes, valueStart, valueEnd));
    return true;
  }
}
