import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { utf8 } from '../../base/bytes.ts';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { otlpMessage, writeOtlp } from '../../testkit/otlp-reference.ts';
import { LogCursor } from './log-cursor.ts';
import type { ByteRange } from './resource-cursor.ts';

interface ReadRecord {
  readonly resource: readonly string[];
  readonly scope: string;
  readonly time: bigint;
  readonly observed: bigint;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: string;
  readonly attributes: readonly string[];
  readonly flags: number;
  readonly traceId: string;
  readonly spanId: string;
}

function readAll(...chunks: readonly Buffer[]): ReadRecord[] {
  const cursor = new LogCursor();
  const batch: OtlpBatch = { kind: 'logs', chunks, count: 0, client: undefined };
  cursor.open(batch);
  const records: ReadRecord[] = [];
  while (cursor.nextResource()) {
    while (cursor.nextScope()) {
      while (cursor.nextRecord()) records.push(shown(cursor));
    }
  }
  return records;
}

function shown(cursor: LogCursor): ReadRecord {
  const { bytes } = cursor;
  const text = ({ start, end }: ByteRange): string => utf8(bytes, start, end);
  const id = (at: number, size: number): string => (at < 0 ? '' : bytes.toString('hex', at, at + size));
  const keysOf = ({ count, keyStarts, keyEnds }: LogCursor['attributes']): string[] =>
    Array.from({ length: count }, (_, index) => utf8(bytes, keyStarts[index] ?? 0, keyEnds[index] ?? 0));
  const anyValue = otlpMessage('AnyValue');
  const body = anyValue.decode(bytes.subarray(cursor.body.start, cursor.body.end));
  return {
    resource: keysOf(cursor.resource),
    scope: `${text(cursor.scopeName)} ${text(cursor.scopeVersion)}`,
    time: (BigInt(cursor.timeHigh) << 32n) | BigInt(cursor.timeLow),
    observed: (BigInt(cursor.observedHigh) << 32n) | BigInt(cursor.observedLow),
    severityNumber: cursor.severityNumber,
    severityText: text(cursor.severityText),
    body: (anyValue.toObject(body) as { stringValue?: string }).stringValue ?? '',
    attributes: keysOf(cursor.attributes),
    flags: cursor.flags,
    traceId: id(cursor.traceId, 16),
    spanId: id(cursor.spanId, 8),
  };
}

const time = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn });
const text = fc.string({ unit: 'binary', maxLength: 8 }).map((value) => value.toWellFormed());
const keys = fc.array(text, { maxLength: 20 });
const bytesOf = (size: number): fc.Arbitrary<Buffer> =>
  fc
    .option(fc.uint8Array({ minLength: size, maxLength: size }), { nil: new Uint8Array() })
    .map((bytes) => Buffer.from(bytes));
const record = fc.record({
  time,
  observed: time,
  severityNumber: fc.nat(24),
  severityText: text,
  body: text,
  attributes: keys,
  flags: fc.nat(0xffff_ffff),
  traceId: bytesOf(16),
  spanId: bytesOf(8),
});
const scope = fc.record({ name: text, version: text, records: fc.array(record, { maxLength: 3 }) });
const resource = fc.record({ keys, scopes: fc.array(scope, { maxLength: 3 }) });

test('it shows what a generic library has written', () => {
  const keyValues = (names: readonly string[]): unknown[] =>
    names.map((key, index) => ({ key, ...(index % 3 === 0 ? {} : { value: { intValue: index } }) }));
  const property = fc.property(fc.array(resource, { maxLength: 3 }), (resources) => {
    const chunks = resources.map(({ keys: names, scopes }) =>
      writeOtlp('logs', {
        resourceLogs: [
          {
            resource: { attributes: keyValues(names), droppedAttributesCount: 7 },
            schemaUrl: 'x',
            scopeLogs: scopes.map(({ name, version, records }) => ({
              scope: { name, version },
              logRecords: records.map((each) => ({
                ...each,
                timeUnixNano: String(each.time),
                observedTimeUnixNano: String(each.observed),
                body: { stringValue: each.body },
                attributes: keyValues(each.attributes),
                droppedAttributesCount: 3,
                eventName: 'ignored',
              })),
            })),
          },
        ],
      }),
    );
    const expected = resources.flatMap(({ keys: names, scopes }) =>
      scopes.flatMap(({ name, version, records }) =>
        records.map((each) => ({
          ...each,
          resource: names,
          scope: `${name} ${version}`,
          traceId: each.traceId.some(Boolean) ? each.traceId.toString('hex') : '',
          spanId: each.spanId.some(Boolean) ? each.spanId.toString('hex') : '',
        })),
      ),
    );
    assert.deepEqual(readAll(...chunks), expected);
    assert.deepEqual(readAll(Buffer.concat(chunks)), expected);
  });
  fc.assert(property, { numRuns: 200 });
});
