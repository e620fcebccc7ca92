import type { Milliseconds } from '../../../base/duration.ts';
import type { MetersOf } from '../../../component/metrics.ts';
import { SpanCursor, spanKind, spanStatus } from '../../../formats/otlp/span-cursor.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import type { HistogramShape } from '../metric-series/histogram-column.ts';
import { KeyBuilder, partEnd } from '../metric-series/key-builder.ts';
import type { FlushSource } from '../metric-series/metric-flush.ts';
import { hasText } from './attribute-text.ts';
import { connection, EdgeSeries, virtualSide, type EdgeFacts } from './edge-series.ts';
import { EdgeKeys, isOfClient } from './edge-keys.ts';
import { EdgeStore, isOver, type Half } from './edge-store.ts';
import type { ServiceGraphArguments } from './fields.ts';
import type { serviceGraphMeters } from './meters.ts';

/** How long a series stays without an edge. */
const seriesTime: Milliseconds = 15 * 60_000;

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
  readonly #cursor: SpanCursor;
  /** Where the key of the edge is of the span that the cursor is at. */
  readonly #edges = new EdgeKeys();
  #edge = 0;
  /** The side of the span that the cursor is at: the parts of its key and, for clients, the name of the peer. */
  readonly #side = new KeyBuilder();
  #sideEnd = 0;
  readonly #half: Half = { isClient: false, isMessaging: false, isFailed: false, seconds: 0 };
  /** Among the attributes of the resource: the index of the service and of each dimension and database, or -1. */
  #service = -1;
  readonly #resourceDimensions: number[] = [];
  readonly #resourceDatabases: number[] = [];
  /** Where the name of the database is. */
  #databaseStart = 0;
  #databaseEnd = 0;
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
    this.#cursor = new SpanCursor([...this.#dimensions, ...this.#peers, ...this.#databases]);
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
      const hasService = this.#enterResource();
      while (cursor.nextScope()) {
        if (hasService) this.#addSpans(now);
        else while (cursor.nextSpan()) this.#meters.skipped.with('no_service_name').inc();
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

  /** Looks up what the resource has; whether it has a service. */
  #enterResource(): boolean {
    const { bytes, resource } = this.#cursor;
    const find = (name: Buffer): number => resource.find(name);
    this.#service = find(serviceName);
    for (const [at, name] of this.#dimensions.entries()) this.#resourceDimensions[at] = find(name);
    for (const [at, name] of this.#databases.entries()) this.#resourceDatabases[at] = find(name);
    return (
      this.#service >= 0 &&
      hasText(bytes, resource.valueStarts[this.#service] ?? 0, resource.valueEnds[this.#service] ?? 0)
    );
  }

  /** Takes the spans of a scope. */
  #addSpans(now: Milliseconds): void {
    const cursor = this.#cursor;
    const edges = this.#edges;
    for (let count = edges.read(cursor); count > 0; count = edges.read(cursor)) {
      this.#store.touch(edges, count);
      for (let at = 0; at < count; at++) {
        edges.enter(cursor, at);
        this.#edge = at;
        this.#addSpan(now);
      }
    }
  }

  #addSpan(now: Milliseconds): void {
    const cursor = this.#cursor;
    const store = this.#store;
    const { kind } = cursor;
    const isClient = isOfClient(kind);
    let waiting = store.find(this.#edges, this.#edge);
    if (waiting !== 0 && store.isPaired(waiting)) {
      if (!isOver(store.since(waiting), now, this.#limits.ttl)) {
        this.#meters.skipped.with('already_paired').inc();
        return;
      }
      store.forget(waiting);
      waiting = 0;
    }
    const half = this.#half;
    const nanos = cursor.durationNanos;
    half.isClient = isClient;
    half.isMessaging = kind === spanKind.producer || kind === spanKind.consumer;
    half.isFailed = cursor.status === spanStatus.error;
    half.seconds = nanos > 0 ? nanos / 1e9 : 0;
    if (isClient && this.#hasDatabase()) this.#addDatabase(waiting, now);
    else if (waiting === 0) this.#wait(now);
    else if (store.isClient(waiting) !== isClient) this.#pair(waiting, now);
    else if (half.isFailed) store.fail(waiting);
  }

  /** Puts together the parts of the side that a span is; false if they are too long for a key. */
  #writeSide(): boolean {
    const cursor = this.#cursor;
    const { bytes, resource } = cursor;
    const side = this.#side;
    side.clear();
    side.value(bytes, resource.valueStarts[this.#service] ?? 0, resource.valueEnds[this.#service] ?? 0);
    for (let at = 0; at < this.#dimensions.length; at++) {
      const ofResource = this.#resourceDimensions[at] ?? -1;
      const start = ofResource >= 0 ? (resource.valueStarts[ofResource] ?? 0) : cursor.valueStart(at);
      const end = ofResource >= 0 ? (resource.valueEnds[ofResource] ?? 0) : cursor.valueEnd(at);
      if (start < 0) side.absent();
      else side.value(bytes, start, end);
    }
    this.#sideEnd = side.size;
    return this.#isShort();
  }

  /** The name of the peer where it sends no spans, behind the parts of a client. */
  #writePeer(): void {
    const cursor = this.#cursor;
    const first = this.#dimensions.length;
    for (let name = first; name < first + this.#peers.length; name++) {
      const start = cursor.valueStart(name);
      if (start < 0 || !hasText(cursor.bytes, start, cursor.valueEnd(name))) continue;
      this.#side.value(cursor.bytes, start, cursor.valueEnd(name));
      return;
    }
    this.#side.text(unknown, 0, unknown.length);
  }

  #isShort(): boolean {
    if (this.#side.isTooLong) this.#meters.skipped.with('long_attributes').inc();
    return !this.#side.isTooLong;
  }

  /** Finds the name of the database that a client's span is for. */
  #hasDatabase(): boolean {
    const cursor = this.#cursor;
    const { bytes, resource } = cursor;
    const first = this.#dimensions.length + this.#peers.length;
    for (let at = 0; at < this.#databases.length; at++) {
      const ofResource = this.#resourceDatabases[at] ?? -1;
      if (ofResource >= 0) {
        this.#databaseStart = resource.valueStarts[ofResource] ?? 0;
        this.#databaseEnd = resource.valueEnds[ofResource] ?? 0;
        if (hasText(bytes, this.#databaseStart, this.#databaseEnd)) return true;
      }
      this.#databaseStart = cursor.valueStart(first + at);
      this.#databaseEnd = cursor.valueEnd(first + at);
      if (this.#databaseStart >= 0 && hasText(bytes, this.#databaseStart, this.#databaseEnd)) return true;
    }
    return false;
  }

  /** Counts an edge to a database, whose only span is that of its client. */
  #addDatabase(waiting: number, now: Milliseconds): void {
    if (!this.#writeSide()) return;
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
    key.value(this.#cursor.bytes, this.#databaseStart, this.#databaseEnd);
    this.#addAbsentDimensions(key);
    this.#complete(facts, now);
    if (waiting === 0) {
      this.#meters.edges.inc();
      this.#store.addPaired(this.#edges, this.#edge, now, this.#limits.ttl);
    } else this.#store.pair(waiting, now, this.#limits.ttl);
  }

  /** Keeps a side until the other one comes. */
  #wait(now: Milliseconds): void {
    if (this.#store.size >= this.#limits.max_items && !this.#expireFirst(now)) {
      this.#meters.dropped.inc();
      return;
    }
    if (!this.#writeSide()) return;
    if (this.#half.isClient) this.#writePeer();
    if (!this.#isShort()) return;
    this.#meters.edges.inc();
    this.#store.add(this.#edges, this.#edge, this.#half, this.#side.bytes, this.#side.size, now);
  }

  #pair(waiting: number, now: Milliseconds): void {
    if (!this.#writeSide()) return;
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
    store.pair(waiting, now, this.#limits.ttl);
    this.#complete(facts, now);
  }

  /** Ends the wait of the first half if its time is over; whether it was. */
  #expireFirst(now: Milliseconds): boolean {
    const store = this.#store;
    const { first } = store;
    // The clock may have been set back, even far.
    if (first === 0 || Math.abs(now - store.since(first)) < this.#limits.ttl) return false;
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
