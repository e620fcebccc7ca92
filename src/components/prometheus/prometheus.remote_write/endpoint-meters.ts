import { Family, type Meter } from '../../../component/metrics.ts';
import type { LogFileObserver } from '../../../storage/observed-files.ts';
import type { DropReason, RemoteWriteMeters } from './metrics.ts';
import type { ItemCounts, RequestInfo } from './outgoing-request.ts';

const kinds = ['samples', 'histograms', 'exemplars', 'metadata'] as const;

/** The metrics of one endpoint. */
export class EndpointMeters {
  readonly #meters: RemoteWriteMeters;
  readonly #labels: readonly [name: string, url: string];

  constructor(meters: RemoteWriteMeters, name: string, url: string) {
    this.#meters = meters;
    this.#labels = [name, url];
    // Rates and alerts need what has not happened yet, too.
    for (const count of [this.sent, this.failed, this.retried]) count.call(this, nothing);
    this.dropped(nothing, 'too_old');
    this.pending(nothing, 1);
    meters.enqueueRetries.with(...this.#labels);
    meters.splits.with(...this.#labels);
    for (const counter of ['walFailures', 'walCorruptions', 'walTruncations', 'walTruncationsFailed'] as const)
      meters[counter].with(...this.#labels);
    meters.recordsRead.with(name, 'request');
    meters.recordsDamaged.with(name);
    meters.earlierSamples.with(name);
  }

  sent(counts: ItemCounts): void {
    for (const kind of kinds) this.#meters[kind].with(...this.#labels).inc(counts[kind]);
  }

  failed(counts: ItemCounts): void {
    for (const kind of kinds) this.#meters[`${kind}Failed`].with(...this.#labels).inc(counts[kind]);
  }

  retried(counts: ItemCounts): void {
    for (const kind of kinds) this.#meters[`${kind}Retried`].with(...this.#labels).inc(counts[kind]);
  }

  /** Counts what is not sent. */
  dropped({ samples, histograms, exemplars }: ItemCounts, reason: DropReason): void {
    this.#meters.samplesDropped.with(...this.#labels, reason).inc(samples);
    this.#meters.histogramsDropped.with(...this.#labels, reason).inc(histograms);
    this.#meters.exemplarsDropped.with(...this.#labels, reason).inc(exemplars);
  }

  /** Says why the server refused some. */
  refused(count: number, reason: string): void {
    this.#meters.refused.with(...this.#labels, reason).inc(count);
  }

  /** Counts what waits from now on, and with -1 what does not any more. */
  pending({ samples, histograms, exemplars }: ItemCounts, sign: 1 | -1): void {
    this.#meters.samplesPending.with(...this.#labels).inc(sign * samples);
    this.#meters.histogramsPending.with(...this.#labels).inc(sign * histograms);
    this.#meters.exemplarsPending.with(...this.#labels).inc(sign * exemplars);
  }

  /** Counts a request that has its final answer. */
  answered(
    { newest, metadata, samples, histograms, exemplars }: RequestInfo,
    isDelivered: boolean,
    size: number,
  ): void {
    const isMetadata = metadata > 0 && samples + histograms + exemplars === 0;
    if (isDelivered) this.#meters[isMetadata ? 'metadataBytes' : 'bytes'].with(...this.#labels).inc(size);
    if (isMetadata) return;
    const highest = this.#meters.highestSent.with(...this.#labels);
    highest.set(Math.max(highest.value, newest / 1000));
  }

  /** Records how long a request took. */
  took(seconds: number): void {
    this.#meters.duration.with(...this.#labels).observe(seconds);
  }

  set(gauge: GaugeName, value: number): void {
    this.#meters[gauge].with(...this.#labels).set(value);
  }

  count(name: CounterName, by = 1): void {
    this.#meters[name].with(...this.#labels).inc(by);
  }

  /** Counts a request that was read from disk. */
  read({ samples }: ItemCounts, isOwn: boolean): void {
    const [name] = this.#labels;
    this.#meters.recordsRead.with(name, 'request').inc();
    this.#meters.earlierSamples.with(name).inc(isOwn ? 0 : samples);
  }

  /** Counts a request on disk that cannot be read. */
  damaged(): void {
    this.count('walCorruptions');
    this.#meters.recordsDamaged.with(this.#labels[0]).inc();
  }

  /** Is told what is done with files of requests. */
  get files(): LogFileObserver {
    return {
      began: (segment) => this.set('walSegment', segment),
      wrote: (bytes) => {
        this.count('walWrites');
        this.count('walWrittenBytes', bytes);
      },
      synced: (seconds) => this.#meters.walSyncSeconds.with(...this.#labels).observe(seconds),
      removed: (isGone) => {
        this.count('walTruncations');
        if (!isGone) this.count('walTruncationsFailed');
      },
    };
  }

  /** When the oldest request on disk was written, if there is one. */
  oldestOnDisk(time: number | undefined): void {
    if (time === undefined) this.#meters.walOldest.remove(...this.#labels);
    else this.#meters.walOldest.with(...this.#labels).set(time / 1000);
  }

  /** What waits. */
  get waiting(): ItemCounts {
    const { samplesPending, histogramsPending, exemplarsPending } = this.#meters;
    return {
      samples: samplesPending.with(...this.#labels).value,
      histograms: histogramsPending.with(...this.#labels).value,
      exemplars: exemplarsPending.with(...this.#labels).value,
      metadata: 0,
    };
  }

  /** Takes all series of the endpoint away. */
  remove(): void {
    const [name, url] = this.#labels;
    const { recordsRead, recordsDamaged, earlierSamples } = this.#meters;
    recordsRead.remove(name, 'request');
    recordsDamaged.remove(name);
    earlierSamples.remove(name);
    for (const family of Object.values(this.#meters)) {
      if (!(family instanceof Family)) continue;
      const all = family as Family<Meter, readonly string[]>;
      for (const { values } of all.series()) if (values[0] === name && values[1] === url) all.remove(...values);
    }
  }
}

const nothing: ItemCounts = { samples: 0, histograms: 0, exemplars: 0, metadata: 0 };

type GaugeName =
  | 'highestTimestamp'
  | 'shardCapacity'
  | 'shards'
  | 'shardsMax'
  | 'shardsMin'
  | 'shardsDesired'
  | 'maxSamplesPerSend'
  | 'walBytes'
  | 'walSegment'
  | 'replaySeconds'
  | 'walRequests';

type CounterName =
  | 'enqueueRetries'
  | 'splits'
  | 'walFailures'
  | 'walCorruptions'
  | 'walWrites'
  | 'walWrittenBytes'
  | 'walTruncations'
  | 'walTruncationsFailed';
