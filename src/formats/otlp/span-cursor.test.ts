import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../../base/parse-error.ts';
import type { OtlpBatch } from '../../model/otlp-batch.ts';
import { anyRequest } from '../../testkit/otlp-arbitrary.ts';
import { itemsOf } from '../../testkit/otlp-items.ts';
import { writeOtlp } from '../../testkit/otlp-reference.ts';
import { traceBatch } from '../../testkit/trace-batch.ts';
import { checkOtlpRequest } from './check-request.ts';
import { SpanCursor } from './span-cursor.ts';

type Facts = Readonly<Record<string, unknown>>;
type Message = Readonly<Record<string, unknown>>;

const names = ['a', '', 'http.method', 'x'.repeat(200)];

const batchOf = (...chunks: readonly Buffer[]): OtlpBatch => ({ kind: 'traces', chunks, count: 0, client: undefined });

/** Takes the index from whoever reads a batch. */
function takeIndex(): void {
  new SpanCursor().open(
    batchOf(writeOtlp('traces', { resourceSpans: [{ scopeSpans: [{ spans: [{ name: '?' }] }] }] })),
  );
}

/** All spans of a batch; the index is taken away after so many of them. */
function readAll(batch: OtlpBatch, spansWithIndex = Infinity): Facts[] {
  const cursor = new SpanCursor(names);
  cursor.open(batch);
  const all: Facts[] = [];
  if (spansWithIndex === 0) takeIndex();
  while (cursor.nextResource()) {
    while (cursor.nextScope()) {
      while (cursor.nextSpan()) {
        all.push(factsOf(cursor));
        if (all.length === spansWithIndex) takeIndex();
      }
    }
  }
  return all;
}

function factsOf(cursor: SpanCursor): Facts {
  const { bytes } = cursor;
  const hex = (start: number, end: number): string => bytes.toString('hex', start, end);
  const facts = {
    resource: hex(cursor.resourceRange.start, cursor.resourceRange.end),
    scope: hex(cursor.scopeName.start, cursor.scopeName.end),
    traceId: cursor.traceId < 0 ? '' : hex(cursor.traceId, cursor.traceId + 16),
    spanId: cursor.spanId < 0 ? '' : hex(cursor.spanId, cursor.spanId + 8),
    parentSpanId: cursor.parentSpanId < 0 ? '' : hex(cursor.parentSpanId, cursor.parentSpanId + 8),
    name: hex(cursor.nameStart, cursor.nameEnd),
    traceState: hex(cursor.stateStart, cursor.stateEnd),
    kind: cursor.kind,
    status: cursor.status,
    start: (BigInt(cursor.startHigh) << 32n) | BigInt(cursor.startLow),
    end: (BigInt(cursor.endHigh) << 32n) | BigInt(cursor.endLow),
    duration: cursor.durationNanos,
    values: names.map((_, name) =>
      cursor.valueStart(name) < 0 ? undefined : hex(cursor.valueStart(name), cursor.valueEnd(name)),
    ),
    events: 0,
    keys: [] as string[],
  };
  while (cursor.nextEvent()) facts.events++;
  const { count, keyStarts, keyEnds, valueStarts, valueEnds } = cursor.attributes;
  for (let index = 0; index < count; index++) {
    facts.keys.push(hex(keyStarts[index] ?? 0, keyEnds[index] ?? 0));
    const name = names.findIndex((each) => Buffer.from(each).toString('hex') === facts.keys[index]);
    const isFirst = name >= 0 && facts.keys.indexOf(facts.keys[index] ?? '') === index;
    if (isFirst) assert.equal(facts.values[name], hex(valueStarts[index] ?? 0, valueEnds[index] ?? 0));
    if (name >= 0 && !isFirst) assert.ok(cursor.hasRepeats);
  }
  for (const [name, value] of facts.values.entries())
    assert.equal(value !== undefined, facts.keys.includes(Buffer.from(names[name] ?? '').toString('hex')));
  return facts;
}

/** The same facts as protobufjs reads them. */
function expected(spans: readonly Message[]): Facts[] {
  const hex = (value: unknown): string => Buffer.from((value as Buffer | undefined) ?? []).toString('hex');
  const id = (value: unknown): string => (/^0*$/.test(hex(value)) ? '' : hex(value));
  const list = (value: unknown): readonly Message[] => (value as readonly Message[] | undefined) ?? [];
  return spans.map((span) => ({
    traceId: id(span['traceId']),
    spanId: id(span['spanId']),
    parentSpanId: id(span['parentSpanId']),
    name: hex(span['name']),
    traceState: hex(span['traceState']),
    kind: span['kind'] ?? 0,
    status: (span['status'] as Message | undefined)?.['code'] ?? 0,
    start: BigInt((span['startTimeUnixNano'] as string | undefined) ?? 0),
    end: BigInt((span['endTimeUnixNano'] as string | undefined) ?? 0),
    events: list(span['events']).length,
    keys: list(span['attributes']).map(({ key }) => hex(key)),
  }));
}

const anySpans = anyRequest('traces').map((request) => {
  const traces = structuredClone(request) as {
    resourceSpans?: { scopeSpans?: { spans?: { attributes?: unknown[] }[] }[] }[];
  };
  // Some of them have names that are looked up, one of them twice.
  for (const { scopeSpans = [] } of traces.resourceSpans ?? [])
    for (const { spans = [] } of scopeSpans)
      for (const [index, span] of spans.entries())
        if (index % 2 === 0)
          span.attributes = [
            { key: 'a', value: { intValue: 1 } },
            ...(span.attributes ?? []),
            { key: 'a', value: { stringValue: 'again' } },
            { key: 'x'.repeat(200), value: { boolValue: true } },
          ];
  return traces;
});

test('the cursor sees in any spans what the reference does, whether or not it has the index', () => {
  fc.assert(
    fc.property(fc.array(anySpans, { minLength: 1, maxLength: 3 }), (requests) => {
      const chunks = requests.map((request) => writeOtlp('traces', request));
      const indexed = readAll(batchOf(...chunks));
      const wanted = expected(chunks.flatMap((chunk) => itemsOf('traces', chunk)));
      for (const [index, facts] of indexed.entries()) {
        for (const [name, value] of Object.entries(wanted[index] ?? {})) assert.deepEqual(facts[name], value, name);
      }
      assert.equal(indexed.length, wanted.length);
      for (const spans of [0, 1, 2]) assert.deepEqual(readAll(batchOf(...chunks), spans), indexed);
    }),
  );
});

test('a request that was checked is indexed by that', () => {
  const { chunks } = traceBatch({ name: 'one' }, { name: 'two', attributes: { a: 1n } });
  readAll(batchOf(...chunks));
  const batch = checkOtlpRequest('traces', chunks[0] as Buffer);
  assert.ok(!(batch instanceof ParseError));
  const facts = readAll(batch);
  assert.deepEqual(
    [batch.count, facts.length, facts[1]?.['values']],
    [2, 2, ['1801', undefined, undefined, undefined]],
  );
});

test('what no sender writes is read all the same', () => {
  const usual = traceBatch({ name: 'x', kind: 'client' }).chunks[0] as Buffer;
  const kind = usual.indexOf(Buffer.from([0x30, 0x03]));
  const cases = [
    // A kind that nobody knows, in two bytes.
    [Buffer.from([0x30, 0x80 | 0x2c, 0x02]), 255],
    // The tag of the kind in two bytes.
    [Buffer.from([0xb0, 0x00, 0x03]), 3],
  ] as const;
  for (const [field, wanted] of cases) {
    const body = Buffer.concat([usual.subarray(0, kind), field, usual.subarray(kind + 2)]);
    // The lengths of the request, the scope and the span are of one byte.
    const resource = usual.indexOf(0x12, 2 + (usual[3] ?? 0));
    for (const at of [1, resource + 1, usual.indexOf(0x12, resource + 2) + 1]) body[at] = (body[at] ?? 0) + 1;
    const batch = checkOtlpRequest('traces', body);
    assert.ok(!(batch instanceof ParseError));
    assert.deepEqual(
      readAll(batch).map((facts) => [facts['kind'], facts['name']]),
      [[wanted, '78']],
    );
  }
});

test('batches with more spans than the index takes are read whole', () => {
  const spans = Array.from({ length: 20_000 }, (_, index) => ({ name: String(index) }));
  const batch = checkOtlpRequest('traces', writeOtlp('traces', { resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  assert.ok(!(batch instanceof ParseError));
  assert.equal(batch.count, spans.length);
  assert.deepEqual(
    readAll(batch).map(({ name }) => Buffer.from(String(name), 'hex').toString()),
    spans.map(({ name }) => name),
  );
});

test('roots are the spans without a parent', () => {
  const parentSpanId = '00000000000000ff';
  const batch = traceBatch({ name: 'a' }, { name: 'b', parentSpanId }, { name: 'c', parentSpanId: '0'.repeat(16) });
  for (const hasIndex of [true, false]) {
    const cursor = new SpanCursor();
    cursor.open(batchOf(...batch.chunks));
    if (!hasIndex) takeIndex();
    const roots: string[] = [];
    while (cursor.nextResource())
      while (cursor.nextScope())
        while (cursor.nextRoot()) roots.push(cursor.bytes.toString('latin1', cursor.nameStart, cursor.nameEnd));
    assert.deepEqual(roots, ['a', 'c']);
  }
});
