import { writeOtlp } from '../src/testkit/otlp-reference.ts';

/** Spans of one trace: the root, and pairs of a client and its server. */
const spansPerTrace = 5;

const services = ['gateway', 'orders', 'payments', 'inventory', 'shipping'];
const routes = ['/api/v1/orders/{id}', '/api/v1/carts/{id}/items', '/api/v1/customers', '/healthz'];
const codes = [200, 200, 200, 201, 204, 404, 500];

type Message = Record<string, unknown>;

/**
 * Export requests as instrumented services send them, about 395 bytes a span. Each comes from one service, with traces
 * of its own; of a pair the server names its client as the parent, so that service graphs find edges.
 */
export function traceRequests(count: number, spans: number): Buffer[] {
  return Array.from({ length: count }, (_, request) => {
    const service = services[request % services.length] ?? '';
    const attributes = pairs({
      'service.name': service,
      'service.namespace': 'production',
      'service.instance.id': `${service}-7f9c6d5b4-x2x${request}`,
      'host.name': `node-${request % 7}.example.com`,
      'telemetry.sdk.language': 'nodejs',
      'telemetry.sdk.name': 'opentelemetry',
      'telemetry.sdk.version': '2.0.0',
    });
    const scopeSpans = [
      {
        scope: { name: '@example/instrumentation-http', version: '0.57.0' },
        spans: Array.from({ length: spans }, (_span, index) => spanOf(request, index)),
      },
    ];
    return writeOtlp('traces', { resourceSpans: [{ resource: { attributes }, scopeSpans }] });
  });
}

/** The bytes of a trace id between the number of the request and that of the trace. */
const marker = Buffer.alloc(8, 0xa5);

/** Where the trace ids of a request are that `traceRequests` has made. */
export function traceIdOffsets(request: Buffer): number[] {
  const offsets: number[] = [];
  for (let at = request.indexOf(marker); at >= 0; at = request.indexOf(marker, at + marker.length))
    offsets.push(at - 4);
  return offsets;
}

/** Gives the traces of a request other ids, by a number. */
export function renumber(request: Buffer, offsets: readonly number[], number: number): void {
  for (const offset of offsets) request.writeUInt32BE(number >>> 0, offset);
}

function spanOf(request: number, index: number): Message {
  const trace = Math.floor(index / spansPerTrace);
  const place = index % spansPerTrace;
  const traceId = Buffer.alloc(16, marker);
  traceId.writeUInt32BE(request, 0);
  traceId.writeUInt32BE(trace, 12);
  const route = routes[(request + trace) % routes.length] ?? '';
  const code = codes[(trace + place) % codes.length] ?? 0;
  const start = 1_700_000_000_000_000_000n + BigInt(index) * 1_000_000n;
  return {
    traceId,
    spanId: idOf(trace, place),
    ...(place === 0 ? {} : { parentSpanId: idOf(trace, place - 1) }),
    name: `GET ${route}`,
    // The root is a server; then clients and servers take turns.
    kind: place % 2 === 0 ? 2 : 3,
    startTimeUnixNano: String(start),
    endTimeUnixNano: String(start + BigInt(((trace * 37 + place * 11) % 900) + 1) * 1_000_000n),
    attributes: pairs({
      'http.method': 'GET',
      'http.route': route,
      'http.status_code': code,
      'http.target': `/api/v1/orders/${request}${trace}?expand=items`,
      'net.peer.name': 'orders.production.svc',
      'net.peer.port': 8080,
      'user_agent.original': 'node-fetch/3.3',
      'k8s.pod.name': `orders-6d8f7c9b5-${request}z${trace}`,
      'thread.id': 40 + place,
    }),
    status: { code: code >= 500 ? 2 : 0 },
  };
}

function idOf(trace: number, place: number): Buffer {
  const id = Buffer.alloc(8, 0x5a);
  id.writeUInt32BE(trace * spansPerTrace + place + 1, 4);
  return id;
}

function pairs(values: Readonly<Record<string, string | number>>): Message[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === 'number' ? { intValue: value } : { stringValue: value },
  }));
}
