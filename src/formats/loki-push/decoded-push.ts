import { ParseError } from '../../base/parse-error.ts';
import type { LogBatch } from '../../model/log-batch.ts';

/** What a push request holds. */
export interface DecodedPush {
  /** The entries in the order of the request; undefined if there are none. */
  readonly batch: LogBatch | undefined;
  /** Why streams were left out: the first one whose labels could not be read. */
  readonly labelError: ParseError | undefined;
  /** The entries of those streams. */
  readonly lostEntries: number;
}

/** A request may have few streams in many bytes or the other way round; each of these takes memory of its own. */
export interface PushLimits {
  readonly maxEntries: number;
  readonly maxStreams: number;
}

/** For requests of programs that are known. */
export const noLimits: PushLimits = { maxEntries: Infinity, maxStreams: Infinity };

export const tooManyEntries = (limit: number): ParseError =>
  new ParseError(`push request has more than ${limit} entries`);

export const tooManyStreams = (limit: number): ParseError =>
  new ParseError(`push request has more than ${limit} streams`);
