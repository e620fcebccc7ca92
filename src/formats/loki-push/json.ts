import { ParseError } from '../../base/parse-error.ts';
import { Labels } from '../../model/labels.ts';
import { LogBatchBuilder } from '../../model/log-batch-builder.ts';
import type { LogBatch } from '../../model/log-batch.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads the JSON form of a push request, `{"streams": [{"stream": {"a": "b"}, "values": [["<nanoseconds since 1970>",
 * "line", {"metadata": "value"}]]}]}`. Undefined if it holds no entries.
 */
export function decodeJsonPush(text: string, readAt: number): LogBatch | ParseError | undefined {
  let request: unknown;
  try {
    request = JSON.parse(text);
  } catch {
    return new ParseError('push request is not valid JSON');
  }
  const streams = isObject(request) ? (request['streams'] ?? []) : undefined;
  if (!Array.isArray(streams)) return new ParseError('"streams" of push request must be an array');
  const batch = new LogBatchBuilder();
  batch.start(Buffer.alloc(0), readAt);
  for (const stream of streams as readonly unknown[]) {
    const problem = addStream(batch, stream);
    if (problem !== undefined) return new ParseError(problem);
  }
  return batch.finish();
}

/** Adds the entries of a stream, or says what is wrong with it. */
function addStream(batch: LogBatchBuilder, stream: unknown): string | undefined {
  if (!isObject(stream)) return 'streams of push request must be objects';
  const record = stream['stream'] ?? {};
  if (!isTextRecord(record)) return '"stream" of push request must be an object of strings';
  const labels = Labels.from(Object.entries(record).filter(([, value]) => value !== ''));
  const values = stream['values'] ?? [];
  if (!Array.isArray(values)) return '"values" of push request must be an array';
  for (const value of values as readonly unknown[]) {
    const [nanos, line, metadata = {}] = Array.isArray(value) ? (value as readonly unknown[]) : [];
    const time = typeof nanos === 'string' ? parseUnixNanos(nanos) : undefined;
    if (time === undefined) return 'timestamps of push request must be strings of nanoseconds since 1970';
    if (typeof line !== 'string') return 'lines of push request must be strings';
    if (!isTextRecord(metadata)) return 'structured metadata of push request must be objects of strings';
    const start = batch.keepText(line);
    batch.add(start, batch.end, time.seconds, time.nanos, labels);
    for (const [name, content] of Object.entries(metadata)) batch.addPair(name, content);
  }
  return undefined;
}

/** Splits a decimal integer of 64 bits, which does not fit into a float. */
function parseUnixNanos(text: string): { seconds: number; nanos: number } | undefined {
  const match = /^(-?)(\d{0,10}?)(\d{1,9})$/.exec(text);
  if (match === null) return undefined;
  const [, sign, whole, fraction] = match;
  const seconds = Number(whole);
  const nanos = Number(fraction);
  if (sign !== '-') return { seconds, nanos };
  return nanos === 0 ? { seconds: 0 - seconds, nanos } : { seconds: -seconds - 1, nanos: 1e9 - nanos };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextRecord(value: unknown): value is Readonly<Record<string, string>> {
  return isObject(value) && Object.values(value).every((part) => typeof part === 'string');
}
