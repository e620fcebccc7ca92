import { writeOtlp } from './otlp-reference.ts';

/** The shape of a sample: so many items in each scope, so many scopes in each resource. */
export interface SampleShape {
  readonly resources?: number;
  readonly scopes?: number;
  /** Samples of one seed are equal. */
  readonly seed?: number;
}

type Message = Record<string, unknown>;

/** The time of the first item. */
const start = 1_700_000_000_000_000_000n;
const methods = ['GET', 'POST', 'PUT', 'DELETE'];
const routes = ['/api/v1/orders/{id}', '/api/v1/carts/{id}/items', '/api/v1/customers', '/healthz'];
const codes = [200, 200, 200, 201, 204, 404, 500];

/** A trace request as an instrumented service would send it; about 395 bytes a span. */
export function traceRequest({ spans = 10, ...shape }: SampleShape & { readonly spans?: number } = {}): Buffer {
  const random = new Random(shape.seed);
  const resourceSpans = resources(shape, (scope) => ({
    scopeSpans: scope((index) => ({ spans: list(spans, (span) => spanOf(random, index * spans + span)) })),
  }));
  return writeOtlp('traces', { resourceSpans });
}

/** A metrics request with metrics of all types, two data points each; about 180 bytes a data point. */
export function metricsRequest({ metrics = 5, ...shape }: SampleShape & { readonly metrics?: number } = {}): Buffer {
  const random = new Random(shape.seed);
  const resourceMetrics = resources(shape, (scope) => ({
    scopeMetrics: scope((index) => ({
      metrics: list(metrics, (metric) => metricOf(random, index * metrics + metric)),
    })),
  }));
  return writeOtlp('metrics', { resourceMetrics });
}

/** A logs request; about 395 bytes a record. */
export function logsRequest({ records = 10, ...shape }: SampleShape & { readonly records?: number } = {}): Buffer {
  const random = new Random(shape.seed);
  const resourceLogs = resources(shape, (scope) => ({
    scopeLogs: scope((index) => ({
      logRecords: list(records, (record) => recordOf(random, index * records + record)),
    })),
  }));
  return writeOtlp('logs', { resourceLogs });
}

function resources(
  { resources: count = 1, scopes = 1 }: SampleShape,
  below: (scope: (items: (index: number) => Message) => Message[]) => Message,
): Message[] {
  return list(count, (resource) => ({
    resource: {
      attributes: attributes({
        'service.name': `shop-${resource}`,
        'service.namespace': 'production',
        'service.instance.id': `shop-${resource}-7f9c6d5b4-x2x${resource}`,
        'host.name': `node-${resource}.example.com`,
        'process.pid': 4000 + resource,
        'telemetry.sdk.language': 'nodejs',
        'telemetry.sdk.name': 'opentelemetry',
        'telemetry.sdk.version': '2.0.0',
      }),
    },
    schemaUrl: 'https://opentelemetry.io/schemas/1.27.0',
    ...below((items) =>
      list(scopes, (scope) => ({
        scope: { name: `@example/instrumentation-${scope}`, version: `0.5${scope}.0` },
        ...items(resource * scopes + scope),
      })),
    ),
  }));
}

/** Spans are called `span-0`, `span-1` and so on; five of them make a trace. */
function spanOf(random: Random, index: number): Message {
  const begin = start + BigInt(index) * 1_000_000n;
  const trace = new Random(Math.floor(index / 5) + 1);
  return {
    traceId: trace.bytes(16),
    spanId: random.bytes(8),
    ...(index % 5 > 0 && { parentSpanId: random.bytes(8) }),
    name: `span-${index}`,
    kind: (index % 5) + 1,
    startTimeUnixNano: String(begin),
    endTimeUnixNano: String(begin + BigInt(random.below(1e9))),
    attributes: attributes({
      'http.request.method': random.of(methods),
      'http.route': random.of(routes),
      'http.response.status_code': random.of(codes),
      'server.address': `shop-${random.below(9)}.example.com`,
      'server.port': 8080,
      'client.address': `10.0.${random.below(256)}.${random.below(256)}`,
      'url.scheme': 'https',
      'network.protocol.version': '1.1',
      'app.is_cached': random.below(2) === 1,
      ...(index % 2 === 0 && { 'app.cart.total': random.below(1e6) / 128 }),
      ...(index % 4 === 0 && { 'enduser.id': `customer-${random.below(1e6)}` }),
    }),
    ...(index % 10 === 0 && {
      events: [
        {
          timeUnixNano: String(begin + 5000n),
          name: 'exception',
          attributes: attributes({ 'exception.type': 'TimeoutError', 'exception.message': 'no answer in 500 ms' }),
        },
      ],
    }),
    status: index % 10 === 0 ? { code: 2, message: 'no answer' } : {},
    flags: 0x101,
  };
}

/** Metrics are called `metric.0`, `metric.1` and so on; their types take turns. */
function metricOf(random: Random, index: number): Message {
  const points = (own: () => Message): Message[] =>
    list(2, (point) => ({
      attributes: attributes({
        'http.request.method': methods[point],
        'http.route': random.of(routes),
        'http.response.status_code': random.of(codes),
      }),
      startTimeUnixNano: String(start),
      timeUnixNano: String(start + 60_000_000_000n),
      ...own(),
    }));
  const counts = list(8, () => random.below(1000));
  const distribution = { count: counts.reduce((sum, count) => sum + count, 0), sum: random.below(1e6) / 8 };
  const data: readonly Message[] = [
    { sum: { dataPoints: points(() => ({ asInt: random.below(1e6) })), aggregationTemporality: 2, isMonotonic: true } },
    { gauge: { dataPoints: points(() => ({ asDouble: random.below(1e6) / 8 })) } },
    {
      histogram: {
        dataPoints: points(() => ({
          ...distribution,
          bucketCounts: counts,
          explicitBounds: [5, 10, 25, 50, 100, 250, 500],
        })),
        aggregationTemporality: 2,
      },
    },
    {
      exponentialHistogram: {
        dataPoints: points(() => ({ ...distribution, scale: 3, positive: { offset: -4, bucketCounts: counts } })),
        aggregationTemporality: 2,
      },
    },
    {
      summary: {
        dataPoints: points(() => ({
          ...distribution,
          quantileValues: [0.5, 0.99].map((quantile) => ({ quantile, value: random.below(1000) })),
        })),
      },
    },
  ];
  return { name: `metric.${index}`, description: 'A metric.', unit: 'ms', ...data[index % data.length] };
}

/** Bodies begin with `record-0`, `record-1` and so on. */
function recordOf(random: Random, index: number): Message {
  const time = String(start + BigInt(index) * 1_000_000n);
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber: 9,
    severityText: 'INFO',
    body: { stringValue: `record-${index}: order ${random.below(1e9)} of customer ${random.below(1e6)} was placed` },
    attributes: attributes({
      'http.request.method': random.of(methods),
      'http.route': random.of(routes),
      'http.response.status_code': random.of(codes),
      'server.address': `shop-${random.below(9)}.example.com`,
      'client.address': `10.0.${random.below(256)}.${random.below(256)}`,
      'thread.id': random.below(100),
      'code.function.name': 'placeOrder',
      'log.logger': 'com.example.shop.orders',
    }),
    flags: 1,
    traceId: random.bytes(16),
    spanId: random.bytes(8),
  };
}

function attributes(pairs: Readonly<Record<string, unknown>>): Message[] {
  return Object.entries(pairs).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: unknown): Message {
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value !== 'number') return { stringValue: value };
  return Number.isInteger(value) ? { intValue: value } : { doubleValue: value };
}

function list<T>(length: number, make: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => make(index));
}

/** A small generator of numbers that are random enough for samples. */
class Random {
  #state: number;

  constructor(seed = 1) {
    this.#state = seed;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000) * limit);
  }

  of<T>(choices: readonly T[]): T | undefined {
    return choices[this.below(choices.length)];
  }

  bytes(length: number): Buffer {
    return Buffer.from(list(length, () => this.below(256)));
  }
}
