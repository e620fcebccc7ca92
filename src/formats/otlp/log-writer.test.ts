import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ByteBuilder } from '../../base/byte-builder.ts';
import { readOtlpBatch } from '../../testkit/otlp-reference.ts';
import { appendAttribute, appendTextAttribute, LogWriter } from './log-writer.ts';
import { readNanoTime, writeNanoTime } from './nano-time.ts';

const noBytes = Buffer.alloc(0);

function addText(writer: LogWriter, text: string): void {
  const body = Buffer.from(text);
  writer.add(body, 0, body.length, noBytes, 0, 0);
}

test('what it writes is what a generic library reads, without resources and scopes that have no records', () => {
  const text = fc.string({ unit: 'binary', maxLength: 300 }).map((value) => value.toWellFormed());
  const scope = fc.array(text, { maxLength: 4 });
  const property = fc.property(fc.array(fc.array(scope, { maxLength: 4 }), { maxLength: 4 }), (resources) => {
    const writer = new LogWriter();
    for (const scopes of resources) {
      writer.startResource();
      for (const lines of scopes) {
        writer.startScope();
        for (const line of lines) addText(writer, line);
      }
    }
    const batch = writer.finish(undefined);
    const expected = resources
      .map((scopes) => scopes.filter((lines) => lines.length > 0))
      .filter((scopes) => scopes.length > 0)
      .map((scopes) => ({
        scopeLogs: scopes.map((lines) => ({ logRecords: lines.map((line) => ({ body: { stringValue: line } })) })),
      }));
    assert.equal(batch?.count ?? 0, resources.flat(2).length);
    assert.deepEqual(batch === undefined ? [] : readOtlpBatch(batch)['resourceLogs'], expected);
    assert.equal(writer.finish(undefined), undefined, 'it is empty then');
  });
  fc.assert(property, { numRuns: 200 });
});

test('records have times and attributes', () => {
  const writer = new LogWriter();
  const attributes = new ByteBuilder();
  appendTextAttribute(attributes, Buffer.from('text'), Buffer.from('-value-'), 1, 6);
  appendAttribute(attributes, Buffer.from('int'), Buffer.from([9, 0x18, 42, 9]), 1, 3);
  appendAttribute(attributes, Buffer.from(''), noBytes, 0, 0);
  const body = Buffer.from('-line-');
  writer.startResource();
  writer.startScope();
  writer.seconds = 1_700_000_000;
  writer.nanos = 123_456_789;
  writer.observedSeconds = 1_700_000_001;
  writer.add(body, 1, 5, attributes.reserve(0), 0, attributes.size);
  const batch = writer.finish(undefined);
  assert.ok(batch);
  assert.deepEqual(readOtlpBatch(batch), {
    resourceLogs: [
      {
        scopeLogs: [
          {
            logRecords: [
              {
                timeUnixNano: '1700000000123456789',
                observedTimeUnixNano: '1700000001000000000',
                body: { stringValue: 'line' },
                attributes: [
                  { key: 'text', value: { stringValue: 'value' } },
                  { key: 'int', value: { intValue: '42' } },
                  { value: {} },
                ],
              },
            ],
          },
        ],
      },
    ],
  });
});

test('records that are written in place are those that are added whole, whatever their sizes are', () => {
  const size = fc.oneof(fc.integer({ max: 300, min: 0 }), fc.constantFrom(16_370, 16_383, 16_384, 70_000));
  const record = fc.record({ body: size, attributes: size, hasTime: fc.boolean(), isDropped: fc.boolean() });
  const property = fc.property(fc.array(record, { maxLength: 8 }), (records) => {
    const [whole, inPlace] = [new LogWriter(), new LogWriter()];
    for (const writer of [whole, inPlace]) {
      writer.startResource();
      writer.startScope();
      writer.observedSeconds = 1_700_000_001;
    }
    for (const { body, attributes, hasTime, isDropped } of records) {
      const bytes = Buffer.alloc(body + attributes, 'text');
      whole.seconds = inPlace.seconds = hasTime ? 1_700_000_000 : 0;
      if (!isDropped) whole.add(bytes, 0, body, bytes, body, bytes.length);
      const target = inPlace.startRecord();
      target.append(bytes, 0, body);
      inPlace.endBody();
      target.append(bytes, body, bytes.length);
      if (isDropped) inPlace.dropRecord();
      else inPlace.endRecord();
    }
    assert.deepEqual(inPlace.finish(undefined), whole.finish(undefined));
  });
  fc.assert(property, { numRuns: 200 });
});

test('times of 64 bits are exact', () => {
  const bytes = Buffer.alloc(8);
  const time = { seconds: 0, nanos: 0 };
  const property = fc.property(fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }), (nanos) => {
    const seconds = Number(nanos / 1_000_000_000n);
    writeNanoTime(bytes, 0, seconds, Number(nanos % 1_000_000_000n));
    assert.equal(bytes.readBigUInt64LE(0), nanos);
    readNanoTime(bytes.readUInt32LE(0), bytes.readUInt32LE(4), time);
    assert.deepEqual(time, { seconds, nanos: Number(nanos % 1_000_000_000n) });
  });
  fc.assert(property, { numRuns: 1000 });
});

test('a time before 1970 is written as none', () => {
  const bytes = Buffer.alloc(8, 1);
  writeNanoTime(bytes, 0, -1, 500);
  assert.equal(bytes.readBigUInt64LE(0), 0n);
});
