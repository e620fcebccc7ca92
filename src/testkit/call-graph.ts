import type { TestSpan } from './trace-batch.ts';

/** What is known of the spans or edges with one identity; times are milliseconds. */
export interface CallStats {
  count: number;
  readonly durations: number[];
}

export interface EdgeStats {
  count: number;
  readonly clientDurations: number[];
  readonly serverDurations: number[];
}

/** Traces of services that call each other, with what anyone who counts them must find. */
export interface CallGraph {
  readonly spans: readonly TestSpan[];
  /** By `service name kind error`. */
  readonly calls: ReadonlyMap<string, CallStats>;
  /** By `client server type failed`. */
  readonly edges: ReadonlyMap<string, EdgeStats>;
}

/** Numbers from 0 to 1 that are the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

export function callKey({ service = '', name = '', kind = 'server', isError = false }: TestSpan): string {
  return [service, name, kind, isError].join(' ');
}

const services = ['front', 'shop', 'stock', 'mail'];
/** Bounds of buckets, and what is beside and between them. */
const durations = [0, 1, 2, 3, 50, 51, 100, 400, 999, 1000, 1001, 1400, 5000, 15_000, 20_000];

/** Makes so many traces. */
export function callGraph(random: () => number, traces: number): CallGraph {
  const maker = new GraphMaker(random);
  for (let trace = 0; trace < traces; trace++) maker.addTrace();
  return maker;
}

/** The spans in any order, some of them more than once. */
export function disturbed(spans: readonly TestSpan[], random: () => number): TestSpan[] {
  const copies = spans.filter(() => random() < 0.2);
  const all = [...spans, ...copies];
  for (let at = all.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [all[at], all[other]] = [all[other] as TestSpan, all[at] as TestSpan];
  }
  return all;
}

class GraphMaker implements CallGraph {
  readonly spans: TestSpan[] = [];
  readonly calls = new Map<string, CallStats>();
  readonly edges = new Map<string, EdgeStats>();
  readonly #random: () => number;
  #ids = 0;
  #trace = '';

  constructor(random: () => number) {
    this.#random = random;
  }

  addTrace(): void {
    this.#trace = this.#id().padStart(32, '0');
    const service = this.#pick(services);
    const root = this.#span({ service, kind: 'server', name: 'request' });
    this.#edge('user', service, 'virtual_node', root.isError === true, 0, root.duration ?? 0);
    this.#callsOf(root, 2);
  }

  #callsOf(parent: TestSpan, depth: number): void {
    const { service = '', spanId: parentSpanId = '' } = parent;
    for (let count = Math.floor(this.#random() * 3); count > 0; count--) {
      const inner = this.#span({ service, kind: 'internal', name: 'work', parentSpanId });
      const by = { service, parentSpanId: inner.spanId ?? '' };
      const choice = this.#random();
      if (choice < 0.15) {
        const query = this.#span({ ...by, kind: 'client', name: 'query', attributes: { 'db.name': 'orders' } });
        const { duration = 0 } = query;
        this.#edge(service, 'orders', 'database', query.isError === true, duration, duration);
      } else if (choice < 0.3) {
        const call = this.#span({ ...by, kind: 'client', name: 'call', attributes: { 'peer.service': 'bank' } });
        this.#edge(service, 'bank', 'virtual_node', call.isError === true, call.duration ?? 0, 0);
      } else {
        const isQueue = choice < 0.5;
        const from = this.#span({ ...by, kind: isQueue ? 'producer' : 'client', name: 'call' });
        const to = this.#span({
          service: this.#pick(services),
          kind: isQueue ? 'consumer' : 'server',
          name: this.#pick(['get', 'put']),
          parentSpanId: from.spanId ?? '',
        });
        const isFailed = from.isError === true || to.isError === true;
        const type = isQueue ? 'messaging_system' : '';
        this.#edge(service, to.service ?? '', type, isFailed, from.duration ?? 0, to.duration ?? 0);
        if (depth > 0) this.#callsOf(to, depth - 1);
      }
    }
  }

  #span(span: TestSpan): TestSpan {
    const duration = this.#pick(durations);
    const whole = { ...span, traceId: this.#trace, spanId: this.#id(), duration, isError: this.#random() < 0.1 };
    this.spans.push(whole);
    const stats = this.calls.get(callKey(whole)) ?? { count: 0, durations: [] };
    this.calls.set(callKey(whole), stats);
    stats.count++;
    stats.durations.push(duration);
    return whole;
  }

  #edge(client: string, server: string, type: string, isFailed: boolean, ofClient: number, ofServer: number): void {
    const key = [client, server, type, isFailed].join(' ');
    const stats = this.edges.get(key) ?? { count: 0, clientDurations: [], serverDurations: [] };
    this.edges.set(key, stats);
    stats.count++;
    stats.clientDurations.push(ofClient);
    stats.serverDurations.push(ofServer);
  }

  #id(): string {
    return (++this.#ids).toString(16).padStart(16, '0');
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T;
  }
}

/** How many durations are in each bucket, plainly counted. */
export function bucketsOf(values: readonly number[], bounds: readonly number[]): number[] {
  return [...bounds, Infinity].map((bound, index) => {
    const below = index === 0 ? -Infinity : (bounds[index - 1] ?? 0);
    return values.filter((value) => value > below && value <= bound).length;
  });
}
