import assert from 'node:assert/strict';
import { formatRfc3339Nano, parseRfc3339 } from '../base/rfc3339.ts';
import { send, type Consumer, type Sent } from '../flow/delivery.ts';
import { LogBatchBuilder } from '../model/log-batch-builder.ts';
import { entriesOf, type LogBatch } from '../model/log-batch.ts';
import { Labels } from '../model/labels.ts';
import { encodeMetadata } from '../model/structured-metadata.ts';

/** A log entry as tests write and compare it: what is not given is the default, and is left out of results. */
export interface TestEntry {
  /** Lines that are not valid UTF-8 can be given as bytes. */
  readonly line: string | Buffer;
  readonly labels?: Readonly<Record<string, string>>;
  /** As RFC 3339 has it; `defaultTime` if it is not given. */
  readonly time?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

export const defaultTime = '2026-01-02T03:04:05Z';

/** A batch as sources make them: the lines are ranges of one piece of memory, with line breaks between them. */
export function batchOf(...entries: readonly (TestEntry | string)[]): LogBatch {
  const all = entries.map((entry) => (typeof entry === 'string' ? { line: entry } : entry));
  const lines = all.map(({ line }) => Buffer.from(line));
  const builder = new LogBatchBuilder();
  builder.start(Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])), Date.now());
  let start = 0;
  for (const [index, { labels = {}, time = defaultTime, metadata = {} }] of all.entries()) {
    const end = start + (lines[index]?.length ?? 0);
    const { seconds, nanos } = instantOf(time);
    builder.add(start, end, seconds, nanos, Labels.fromRecord(labels));
    const pairs = encodeMetadata(Object.entries(metadata).map(([name, value]) => ({ name, value })));
    builder.addMetadata(pairs, 0, pairs.length);
    start = end + 1;
  }
  const batch = builder.finish();
  assert.ok(batch, 'a batch needs entries');
  return batch;
}

/** The entries of batches, without what is as by default. */
export function entriesIn(batches: Iterable<LogBatch>): TestEntry[] {
  return Array.from(batches, (batch) => Array.from(entriesOf(batch))).flatMap((entries) =>
    entries.map(({ line, labels, seconds, nanos, metadata }) => {
      const time = formatRfc3339Nano(seconds, nanos);
      return {
        line,
        ...(labels.size === 0 ? {} : { labels: Object.fromEntries(labels) }),
        ...(time === defaultTime ? {} : { time }),
        ...(metadata.length === 0
          ? {}
          : { metadata: Object.fromEntries(metadata.map(({ name, value }) => [name, value])) }),
      };
    }),
  );
}

/** The lines of batches. */
export function linesIn(batches: Iterable<LogBatch>): (string | Buffer)[] {
  return entriesIn(batches).map(({ line }) => line);
}

/** Sends entries as one batch. Whoever waits for one of the answers need not look at the other. */
export function sendEntries(to: Consumer<LogBatch>, ...entries: readonly (TestEntry | string)[]): Sent {
  const sent = send(to, batchOf(...entries), new AbortController().signal);
  sent.accepted.catch(() => undefined);
  return sent;
}

function instantOf(time: string): { readonly seconds: number; readonly nanos: number } {
  const instant = { seconds: 0, nanos: 0 };
  const bytes = Buffer.from(time);
  assert.ok(parseRfc3339(bytes, 0, bytes.length, instant), `${time} is no time`);
  return instant;
}
