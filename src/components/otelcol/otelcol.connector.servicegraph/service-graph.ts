import type { Milliseconds } from '../../../base/duration.ts';
import type { MetersOf } from '../../../component/metrics.ts';
import { SpanCursor, spanKind, spanStatus } from '../../../formats/otlp/span-cursor.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import type { HistogramShape } from '../metric-series/histogram-column.ts';
import { KeyBuilder, partEnd } from '../metric-series/key-builder.ts';
import type { FlushSource } from '../metric-series/metric-flush.ts';
import { addValue, hasText } from './attribute-text.ts';
import { connection, EdgeSeries, virtualSide, type EdgeFacts } from './edge-series.ts';
import { edgeKeySize, EdgeStore, type Half } from './edge-store.ts';
import type { ServiceGraphArguments } from './fields.ts';
import type { serviceGraphMeters } from './meters.ts';
import { RecentEdges } from './recent-edges.ts';

/** How long a series stays without an edge. */
const seriesTime: Milliseconds = 15 * 60_000;
const spanIdSize = 8;
const traceIdSize = edgeKeySize - spanIdSize;

const serviceName = Buffer.from('service.name');
const user = Buffer.from('user');
const unknown = Buffer.from('unknown');

export interface StoreLimits {
  readonly max_items: number;
  readonly ttl: Milliseconds;
}

/** Pairs the spans of both sides of requests, and counts the edges between services. */
export class ServiceGraph implements FlushSource {
  readonly isDelta = false;
  readonly #meters: MetersOf<typeof serviceGraphMeters>;
  readonly #dimensions: readonly Buffer[];
  readonly #peers: readonly Buffer[];
  readonly #databases: readonly Buffer[];
  readonly #series: EdgeSeries;
  readonly #store = new EdgeStore();
  readonly #recent = new RecentEdges();
  readonly #cursor = new SpanCursor();
  readonly #edgeKey = Buffer.alloc(edgeKeySize);
  /** The side of the span that the cursor is at: the parts of its key and, for clients, the name of the peer. */
  readonly #side = new KeyBuilder();
  #sideEnd = 0;
  readonly #half: Half = { isClient: false, isMessaging: false, isFailed: false, seconds: 0 };
  /** By dimension: its index among the attributes of the resource, or -1. */
  readonly #resourceDimensions: number[] = [];
  #limits: StoreLimits;

  constructor(args: ServiceGraphArguments, meters: MetersOf<typeof serviceGraphMeters>) {
    const dimensions = [...new Set(args.dimensions)];
    const maxSize = args.exponential_histogram_max_size;
    const histogram: HistogramShape =
      maxSize > 0
        ? { kind: 'exponential', maxSize }
        : { kind: 'explicit', bounds: args.latency_histogram_buckets.map((bound) => bound / 1000) };
    this.#meters = meters;
    this.#dimensions = dimensions.map((name) => Buffer.from(name));
    this.#peers = args.virtual_node_peer_attributes.map((name) => Buffer.from(name));
    this.#databases = args.database_name_attributes.map((name) => Buffer.from(name));
    this.#series = new EdgeSeries(dimensions, histogram, args.virtual_node_extra_label);
    this.#limits = args.store;
  }

  limit(limits: StoreLimits): void {
    this.#limits = limits;
  }

  /** Takes the spans of a batch. */
  add(batch: OtlpBatch, now: Milliseconds): void {
    const cursor = this.#cursor;
    cursor.open(batch);
    while (cursor.nextResource()) {
      const { resource } = cursor;
      const service = resource.find(serviceName);
      const hasService = service >= 0 && hasText(resource, service);
      for (const [at, name] of this.#dimensions.entries()) this.#resourceDimensions[at] = resource.find(name);
      while (cursor.nextScope()) {
        while (cursor.nextSpan()) {
          if (hasService) this.#addSpan(service, now);
          else this.#meters.skipped.with('no_service_name').inc();
        }
      }
    }
    this.#tell();
  }

  /** Ends the wait of halves whose time is over. */
  expire(now: Milliseconds): void {
    while (this.#expireFirst(now));
    this.#tell();
  }

  /** Ends series without edges. */
  clean(now: Milliseconds): void {
    this.#series.endBefore(now - seriesTime);
    this.#tell();
  }

  /** Counts what waits in vain, since nothing comes any more. */
  close(): void {
    this.#meters.skipped.with('unpaired_at_end').inc(this.#store.size);
  }

  write(time: Milliseconds): OtlpBatch | undefined {
    return this.#series.write(time);
  }

  settle(isAccepted: boolean): void {
    this.#series.settle(isAccepted);
  }

  get hasMore(): boolean {
    return this.#series.hasChanges;
  }

  #addSpan(service: number, now: Milliseconds): void {
    const cursor = this.#cursor;
    const { kind } = cursor;
    const isClient = kind === spanKind.client || kind === spanKind.producer;
    if (!isClient && kind !== spanKind.server && kind !== spanKind.consumer) return;
    const edgeKey = this.#edgeKey;
    copyId(cursor.bytes, cursor.traceId, traceIdSize, edgeKey, 0);
    copyId(cursor.bytes, isClient ? cursor.spanId : cursor.parentSpanId, spanIdSize, edgeKey, traceIdSize);
    if (this.#recent.has(edgeKey)) {
      this.#meters.skipped.with('already_paired').inc();
      return;
    }
    const half = this.#half;
    const nanos = cursor.durationNanos;
    half.isClient = isClient;
    half.isMessaging = kind === spanKind.producer || kind === spanKind.consumer;
    half.isFailed = cursor.status === spanStatus.error;
    half.seconds = nanos > 0 ? nanos / 1e9 : 0;
    this.#writeSide(service, isClient);
    if (this.#side.isTooLong) {
      this.#meters.skipped.with('long_attributes').inc();
      return;
    }
    const waiting = this.#store.find(edgeKey);
    if (isClient && this.#addDatabase(waiting, now)) return;
    if (waiting === 0) this.#wait(now);
    else if (this.#store.isClient(waiting) !== isClient) this.#pair(waiting, now);
    else if (half.isFailed) this.#store.fail(waiting);
  }

  /** Puts together the parts of the side that a span is. */
  #writeSide(service: number, isClient: boolean): void {
    const { resource, attributes } = this.#cursor;
    const side = this.#side;
    side.clear();
    addValue(side, resource, service);
    for (let at = 0; at < this.#dimensions.length; at++) {
      const ofResource = this.#resourceDimensions[at] ?? -1;
      if (ofResource >= 0) addValue(side, resource, ofResource);
      else addValue(side, attributes, attributes.find(this.#dimensions[at] as Buffer));
    }
    this.#sideEnd = side.size;
    if (isClient) this.#writePeer();
  }

  /** The name of the peer where it sends no spans, behind the parts of a client. */
  #writePeer(): void {
    const { attributes } = this.#cursor;
    for (const name of this.#peers) {
      const index = attributes.find(name);
      if (index >= 0 && hasText(attributes, index)) {
        addValue(this.#side, attributes, index);
        return;
      }
    }
    this.#side.text(unknown, 0, unknown.length);
  }

  /** Counts an edge to a database, whose only span is that of its client. */
  #addDatabase(waiting: number, now: Milliseconds): boolean {
    const { resource, attributes } = this.#cursor;
    for (const name of this.#databases) {
      for (const list of [resource, attributes]) {
        const index = list.find(name);
        if (index < 0 || !hasText(list, index)) continue;
        const { isFailed, seconds } = this.#half;
        const facts: EdgeFacts = {
          connection: connection.database,
          isFailed: isFailed || (waiting !== 0 && this.#store.isFailed(waiting)),
          virtualSide: virtualSide.none,
          clientSeconds: seconds,
          serverSeconds: seconds,
        };
        const key = this.#series.begin(facts);
        key.parts(this.#side.bytes, 0, this.#sideEnd);
        addValue(key, list, index);
        this.#addAbsentDimensions(key);
        if (waiting === 0) this.#meters.edges.inc();
        else this.#store.remove(waiting);
        this.#complete(facts, now);
        this.#recent.add(this.#edgeKey, now, this.#limits.ttl);
        return true;
      }
    }
    return false;
  }

  /** Keeps a side until the other one comes. */
  #wait(now: Milliseconds): void {
    if (this.#store.size >= this.#limits.max_items && !this.#expireFirst(now)) {
      this.#meters.dropped.inc();
      return;
    }
    this.#meters.edges.inc();
    this.#store.add(this.#edgeKey, this.#half, this.#side.bytes, this.#side.size, now);
  }

  #pair(waiting: number, now: Milliseconds): void {
    const store = this.#store;
    const { isClient, isMessaging, isFailed, seconds } = this.#half;
    const facts: EdgeFacts = {
      connection: isMessaging || store.isMessaging(waiting) ? connection.messaging : connection.direct,
      isFailed: isFailed || store.isFailed(waiting),
      virtualSide: virtualSide.none,
      clientSeconds: isClient ? seconds : store.seconds(waiting),
      serverSeconds: isClient ? store.seconds(waiting) : seconds,
    };
    const key = this.#series.begin(facts);
    if (isClient) key.parts(this.#side.bytes, 0, this.#sideEnd);
    this.#addWaitingParts(key, waiting);
    if (!isClient) key.parts(this.#side.bytes, 0, this.#sideEnd);
    store.remove(waiting);
    this.#complete(facts, now);
    this.#recent.add(this.#edgeKey, now, this.#limits.ttl);
  }

  /** Ends the wait of the first half if its time is over; whether it was. */
  #expireFirst(now: Milliseconds): boolean {
    const store = this.#store;
    const { first } = store;
    if (first === 0 || now - store.since(first) < this.#limits.ttl) return false;
    this.#meters.expired.inc();
    const isClient = store.isClient(first);
    if (this.#peers.length > 0 && (isClient || store.isRoot(first))) {
      const facts: EdgeFacts = {
        connection: connection.virtual,
        isFailed: store.isFailed(first),
        virtualSide: isClient ? virtualSide.server : virtualSide.client,
        clientSeconds: isClient ? store.seconds(first) : 0,
        serverSeconds: isClient ? 0 : store.seconds(first),
      };
      const key = this.#series.begin(facts);
      if (!isClient) {
        key.text(user, 0, user.length);
        this.#addAbsentDimensions(key);
      }
      const end = this.#addWaitingParts(key, first);
      if (isClient) {
        const bytes = store.bytesOf(first);
        key.parts(bytes, end, partEnd(bytes, end));
        this.#addAbsentDimensions(key);
      }
      this.#complete(facts, now);
    }
    store.remove(first);
    return true;
  }

  /** Adds the service and dimensions of a half that waits; returns where they end in its bytes. */
  #addWaitingParts(key: KeyBuilder, waiting: number): number {
    const bytes = this.#store.bytesOf(waiting);
    const start = this.#store.startOf(waiting);
    let end = start;
    for (let part = 0; part <= this.#dimensions.length; part++) end = partEnd(bytes, end);
    key.parts(bytes, start, end);
    return end;
  }

  #addAbsentDimensions(key: KeyBuilder): void {
    for (let at = 0; at < this.#dimensions.length; at++) key.absent();
  }

  #complete(facts: EdgeFacts, now: Milliseconds): void {
    if (!this.#series.count(facts, now)) this.#meters.overflowed.inc();
  }

  #tell(): void {
    this.#meters.waiting.set(this.#store.size);
    this.#meters.series.set(this.#series.size);
  }
}

/** Copies an id that may be missing, which is the same as zeros. */
function copyId(bytes: Buffer, start: number, size: number, target: Buffer, at: number): void {
  for (let index = 0; index < size; index++) target[at + index] = start < 0 ? 0 : (bytes[start + index] ?? 0);
}
