import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../../base/parse-error.ts';
import { otlpKinds, otlpSize, type OtlpBatch, type OtlpKind } from '../../model/otlp-batch.ts';
import { anyRequest } from '../../testkit/otlp-arbitrary.ts';
import { itemsOf } from '../../testkit/otlp-items.ts';
import { readOtlpBatch, writeOtlp } from '../../testkit/otlp-reference.ts';
import { metricsRequest, traceRequest } from '../../testkit/otlp-samples.ts';
import { checkOtlpRequest } from './check-request.ts';
import { splitOtlp, splitOtlpBytes } from './split.ts';

type Message = Record<string, unknown>;

function batchOf(kind: OtlpKind, body: Buffer): OtlpBatch {
  const batch = checkOtlpRequest(kind, body);
  if (batch instanceof ParseError) assert.fail(batch.message);
  return batch;
}

/** All parts of so many items. */
function parts(batch: OtlpBatch, atMost: number): OtlpBatch[] {
  const [first, rest] = splitOtlp(batch, atMost);
  return rest === undefined ? [first] : [first, ...parts(rest, atMost)];
}

function lists(parent: Message | undefined, name: string): Message[] {
  return (parent?.[name] ?? []) as Message[];
}

/** The resources of a batch, of each its scopes, of each the names of the spans. */
function spanNames(batch: OtlpBatch | undefined): string[][][] {
  if (batch === undefined) return [];
  return lists(readOtlpBatch(batch), 'resourceSpans').map((resource) =>
    lists(resource, 'scopeSpans').map((scope) => lists(scope, 'spans').map(({ name }) => String(name))),
  );
}

function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `span-${from + index}`);
}

/** The metrics of a batch: their names, and how many data points each has. */
function metricSizes(batch: OtlpBatch | undefined): [name: unknown, points: number][] {
  if (batch === undefined) return [];
  return lists(readOtlpBatch(batch), 'resourceMetrics').flatMap((resource) =>
    lists(resource, 'scopeMetrics').flatMap((scope) =>
      lists(scope, 'metrics').map((metric): [unknown, number] => [metric['name'], pointsOf(metric).length]),
    ),
  );
}

function pointsOf(metric: Message): Message[] {
  return Object.values(metric).flatMap((value) => lists(value as Message, 'dataPoints'));
}

/** What is left of a request if each message says only once what it says again for another part. */
function joined(kind: OtlpKind, batches: readonly OtlpBatch[]): unknown[] {
  return batches.flatMap((batch) => itemsOf(kind, Buffer.concat(batch.chunks)));
}

test('a batch that fits stays as it is', () => {
  const batch = batchOf('traces', traceRequest({ spans: 20 }));
  assert.deepEqual(splitOtlp(batch, 40), [batch, undefined]);
  assert.equal(splitOtlp(batch, 20)[0], batch);
  assert.equal(splitOtlpBytes(batch, otlpSize(batch)).batches[0], batch);
});

test('spans are divided by resource, scope and span', () => {
  const one = batchOf('traces', traceRequest({ spans: 20 }));
  assert.deepEqual(parts(one, 5).map(spanNames), [0, 5, 10, 15].map((from) => [[numbered(from, from + 5)]])); // prettier-ignore

  const two = batchOf('traces', traceRequest({ resources: 2, spans: 20 }));
  const [five, others] = splitOtlp(two, 5);
  assert.deepEqual(spanNames(five), [[numbered(0, 5)]]);
  assert.deepEqual(spanNames(others), [[numbered(5, 20)], [numbered(20, 40)]]);
  assert.deepEqual([five.count, others?.count], [5, 35]);
  const [more, last] = splitOtlp(two, 25);
  assert.deepEqual(spanNames(more), [[numbered(0, 20)], [numbered(20, 25)]]);
  assert.deepEqual(spanNames(last), [[numbered(25, 40)]]);

  const scopes = batchOf('traces', traceRequest({ scopes: 3, spans: 20 }));
  const [full, rest] = splitOtlp(scopes, 40);
  assert.deepEqual(spanNames(full), [[numbered(0, 20), numbered(20, 40)]]);
  assert.deepEqual(spanNames(rest), [[numbered(40, 60)]]);
});

test('each part has the resource and the scope with their schemas', () => {
  const resource = { attributes: [{ key: 'k', value: { stringValue: 'v' } }], droppedAttributesCount: 1 };
  const scope = { name: 'scope', version: '1', attributes: resource.attributes };
  const spansOf = (...names: string[]): Message => ({
    resourceSpans: [
      {
        resource,
        scopeSpans: [{ scope, spans: names.map((name) => ({ name })), schemaUrl: 'scope url' }],
        schemaUrl: 'resource url',
      },
    ],
  });
  const batch = batchOf('traces', writeOtlp('traces', spansOf('a', 'b')));
  const wanted = ['a', 'b'].map((name) => readOtlpBatch(batchOf('traces', writeOtlp('traces', spansOf(name)))));
  assert.deepEqual(parts(batch, 1).map(readOtlpBatch), wanted);
});

test('metrics are divided by data point', () => {
  const sized = (metrics: number): OtlpBatch => batchOf('metrics', metricsRequest({ metrics }));
  const names = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => [`metric.${from + index}`, 2]);
  const [ten, rest] = splitOtlp(sized(20), 10);
  assert.deepEqual([metricSizes(ten), metricSizes(rest)], [names(0, 5), names(5, 20)]);
  const [nine, others] = splitOtlp(sized(10), 9);
  assert.deepEqual(metricSizes(nine), [...names(0, 4), ['metric.4', 1]]);
  assert.deepEqual(metricSizes(others), [['metric.4', 1], ...names(5, 10)]);
  assert.deepEqual(parts(sized(2), 1).map(metricSizes), ['metric.0', 'metric.0', 'metric.1', 'metric.1'].map((name) => [[name, 1]])); // prettier-ignore
  assert.deepEqual(splitOtlp(sized(50), 99).map((part) => part?.count), [99, 1]); // prettier-ignore
});

test('each part of a metric says of it what the whole says', () => {
  const body = metricsRequest({ metrics: 10 });
  const batch = batchOf('metrics', body);
  const heads = (part: OtlpBatch): unknown[] =>
    lists(readOtlpBatch(part), 'resourceMetrics').flatMap((resource) =>
      lists(resource, 'scopeMetrics').flatMap((scope) => lists(scope, 'metrics').map(headOf)),
    );
  const whole = heads(batch);
  assert.deepEqual(parts(batch, 1).flatMap(heads), whole.flatMap((head) => [head, head])); // prettier-ignore

  const metadata = [{ key: 'prometheus.type', value: { stringValue: 'gauge' } }];
  const gauge = { name: 'm', unit: 's', metadata, gauge: { dataPoints: [{ asInt: 1 }, { asInt: 2 }] } };
  const withMetadata = batchOf('metrics', writeOtlp('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics: [gauge] }] }] })); // prettier-ignore
  for (const part of parts(withMetadata, 1)) {
    assert.deepEqual(heads(part), [{ name: 'm', unit: 's', metadata, gauge: { dataPoints: [] } }]);
  }
});

/** A metric without its data points. */
function headOf(metric: Message): Message {
  const empty = ([key, value]: [string, unknown]): [string, unknown] => {
    const isData = typeof value === 'object' && value !== null && 'dataPoints' in value;
    return [key, isData ? { ...value, dataPoints: [] } : value];
  };
  return Object.fromEntries(Object.entries(metric).map(empty));
}

test('no item is lost by dividing, and their order is kept', () => {
  for (const kind of otlpKinds) {
    fc.assert(
      fc.property(anyRequest(kind), fc.integer({ min: 1, max: 5 }), (request, atMost) => {
        const body = writeOtlp(kind, request);
        const batch = batchOf(kind, body);
        const all = parts(batch, atMost);
        assert.deepEqual(joined(kind, all), itemsOf(kind, body));
        for (const [index, part] of all.entries()) {
          // Each part is right by itself, and each but the last is full.
          assert.deepEqual(batchOf(kind, Buffer.concat(part.chunks)).count, part.count);
          assert.ok(index === all.length - 1 ? part.count <= atMost : part.count === atMost);
        }
      }),
    );
  }
});

test('parts by size are not larger than they may be', () => {
  for (const kind of otlpKinds) {
    fc.assert(
      fc.property(anyRequest(kind), fc.integer({ min: 1, max: 3000 }), (request, atMost) => {
        const body = writeOtlp(kind, request);
        const { batches, dropped } = splitOtlpBytes(batchOf(kind, body), atMost);
        for (const part of batches) {
          assert.ok(otlpSize(part) <= atMost);
          assert.equal(batchOf(kind, Buffer.concat(part.chunks)).count, part.count);
        }
        // What is missing is what was dropped.
        const whole = itemsOf(kind, body).map((item) => JSON.stringify(item));
        const kept = joined(kind, batches).map((item) => JSON.stringify(item));
        assert.equal(kept.length + dropped, whole.length);
        let at = 0;
        for (const item of kept) at = whole.indexOf(item, at) + 1;
        assert.ok(kept.length === 0 || at > 0);
      }),
    );
  }
});

test('an item is dropped only if it is too large by itself', () => {
  const span = (length: number): Message => ({ name: 'x'.repeat(length) });
  const request = (...spans: Message[]): Message => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
  const sizes = (lengths: readonly number[], atMost: number): unknown => {
    const batch = batchOf('traces', writeOtlp('traces', request(...lengths.map(span))));
    const { batches, dropped } = splitOtlpBytes(batch, atMost);
    return { sizes: batches.map(otlpSize), counts: batches.map(({ count }) => count), dropped };
  };
  // A name of n bytes makes a span field of n + 4, and a request around it of 4 bytes more.
  assert.deepEqual(sizes([10, 10, 10], 46), { sizes: [46], counts: [3], dropped: 0 });
  assert.deepEqual(sizes([10, 10, 10], 45), { sizes: [32, 18], counts: [2, 1], dropped: 0 });
  assert.deepEqual(sizes([10, 10, 10], 18), { sizes: [18, 18, 18], counts: [1, 1, 1], dropped: 0 });
  assert.deepEqual(sizes([10, 10, 10], 17), { sizes: [], counts: [], dropped: 3 });
  assert.deepEqual(sizes([10, 50, 10], 40), { sizes: [18, 18], counts: [1, 1], dropped: 1 });
  // A metric without data is no item, and what follows it is kept.
  const metrics = [{ name: 'x'.repeat(100) }, { gauge: { dataPoints: [{ asInt: 1 }] } }];
  const batch = batchOf('metrics', writeOtlp('metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }));
  const { batches, dropped } = splitOtlpBytes(batch, 50);
  assert.deepEqual({ counts: batches.map(({ count }) => count), dropped }, { counts: [1], dropped: 0 });
});

test('batches of several chunks are divided, and chunks that fit are not copied', () => {
  const bodies = [1, 2, 3].map((seed) => traceRequest({ spans: 10, seed }));
  const batch: OtlpBatch = { kind: 'traces', chunks: bodies, count: 30, client: undefined };
  const [first, rest] = splitOtlp(batch, 15);
  assert.deepEqual(joined('traces', [first, rest ?? batch]), bodies.flatMap((body) => itemsOf('traces', body))); // prettier-ignore
  assert.equal(first.chunks.length, 2);
  assert.equal(first.chunks[0]?.buffer, bodies[0]?.buffer);
  assert.equal(rest?.chunks[1]?.buffer, bodies[2]?.buffer);
  assert.deepEqual([first.count, rest?.count], [15, 15]);
});
