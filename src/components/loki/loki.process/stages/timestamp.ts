import { GenerationCache } from '../../../../base/generation-cache.ts';
import { compileTimeFormat, type TimeParser } from '../../../../base/go-time.ts';
import type { Instant } from '../../../../base/instant.ts';
import { ParseError } from '../../../../base/parse-error.ts';
import { list, oneOf, string } from '../../../../schema/attributes.ts';
import { stringType } from '../../../../schema/types.ts';
import type { Cursor } from '../cursor.ts';
import { textOf } from '../extracted.ts';
import { stage } from '../stage.ts';

/** Label sets whose last timestamps are remembered. */
const maxStreams = 10_000;

/** The last timestamps of a label set: as read, and as given to the entry after fudging. */
interface LastTimes {
  readonly read: Instant;
  readonly given: Instant;
}

export const timestamp = stage({
  doc: `
Reads the timestamp from an extracted value. A value that cannot be read, and a timestamp that the stream has had last,
are replaced by the last timestamp of the stream plus one nanosecond, unless the \`action_\` arguments say otherwise.`,
  fields: {
    source: string('The name of the extracted value.').check((name) => (name === '' ? 'must not be empty' : undefined)),
    format: string(
      'How the time is written: a layout of Go (`2006-01-02 15:04:05`), the name of a standard one such as `RFC3339`, or `Unix`, `UnixMs`, `UnixUs`, `UnixNs`.',
    ).check((format) => (format === '' ? 'must not be empty' : undefined)),
    fallback_formats: list('Formats to try, in order, where the first does not fit.', stringType).default([]),
    location: string('The IANA name of the time zone of times that have none. UTC if empty.').default(''),
    action_on_failure: oneOf('What a value does that cannot be read.', 'fudge', 'skip').default('fudge'),
    action_on_duplicate_timestamp: oneOf('What the same timestamp once more does.', 'fudge', 'keep').default('fudge'),
  },
  check({ format, fallback_formats, location }) {
    const wrong = [format, ...fallback_formats].map((text) => compileTimeFormat(text, location));
    return wrong.find((result) => result instanceof ParseError)?.message;
  },
  compile(args, { slots }) {
    const slot = slots.reads(args.source);
    const parsers = [args.format, ...args.fallback_formats].flatMap((format) => {
      const parser = compileTimeFormat(format, args.location);
      return parser instanceof ParseError ? [] : [parser];
    });
    const isFudgedOnFailure = args.action_on_failure === 'fudge';
    const isFudgedOnRepeat = args.action_on_duplicate_timestamp === 'fudge';
    const lastTimes = new GenerationCache<string, LastTimes>(maxStreams);
    const read: Instant = { seconds: 0, nanos: 0 };

    return (next) => (cursor) => {
      const text = textOf(cursor.extracted.get(slot));
      const isRead = text !== undefined && parses(parsers, text, read);
      if (!isFudgedOnFailure && !isFudgedOnRepeat) {
        if (isRead) setTime(cursor, read);
      } else {
        const stream = cursor.labels.toString();
        const last = lastTimes.get(stream);
        if (isRead) {
          const isRepeated = isFudgedOnRepeat && last !== undefined && isSame(last.read, read);
          setTime(cursor, isRepeated ? after(last.given) : read);
          lastTimes.set(stream, { read: { ...read }, given: { seconds: cursor.seconds, nanos: cursor.nanos } });
        } else if (isFudgedOnFailure && last !== undefined) {
          const given = after(last.given);
          setTime(cursor, given);
          lastTimes.set(stream, { read: last.read, given });
        }
      }
      next(cursor);
    };
  },
});

function parses(parsers: readonly TimeParser[], text: string, out: Instant): boolean {
  const now = Date.now();
  return parsers.some((parser) => parser(text, out, now));
}

function setTime(cursor: Cursor, { seconds, nanos }: Instant): void {
  cursor.seconds = seconds;
  cursor.nanos = nanos;
}

function isSame(a: Instant, b: Instant): boolean {
  return a.seconds === b.seconds && a.nanos === b.nanos;
}

/** One nanosecond later. */
function after({ seconds, nanos }: Instant): Instant {
  return nanos === 999_999_999 ? { seconds: seconds + 1, nanos: 0 } : { seconds, nanos: nanos + 1 };
}
