import type { Delivery } from '../../../flow/delivery.ts';
import { isCustomBounds } from '../../../formats/remote-write/histogram-schema.ts';
import { writeProtocols } from '../../../formats/remote-write/write-request.ts';
import type { SampleBatch } from '../../../model/sample-batch.ts';
import { droppedSeries } from '../../../model/series-map.ts';
import type { SeriesRef } from '../../../model/series-table.ts';
import { compileRules } from '../../../schema/relabel-rules.ts';
import type { EndpointMeters } from './endpoint-meters.ts';
import type { EndpointArgs } from './fields.ts';
import type { MetadataMemory } from './metadata-memory.ts';
import type { DropReason } from './metrics.ts';
import type { ItemCounts } from './outgoing-request.ts';
import { OutgoingSeries } from './outgoing-series.ts';
import type { OpenRequest, RequestQueue } from './request-queue.ts';
import type { ShardCount } from './shard-count.ts';

/** What an endpoint takes out of batches, by the settings it was made with. */
export interface IntakeOptions {
  readonly args: EndpointArgs;
  readonly externalLabels: ReadonlyMap<string, string>;
  readonly queue: RequestQueue;
  readonly shardCount: ShardCount;
  readonly metadata: MetadataMemory;
}

type Kind = 'samples' | 'histograms' | 'exemplars';

/** Puts what is to be sent into requests, and counts what is not. Whoever makes one closes it. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #series: OutgoingSeries;
  readonly #sendsOldProtocol: boolean;
  /** The latest time of a sample to be sent. */
  newest = -Infinity;
  #table: SampleBatch['table'] | undefined;
  #minTime = -Infinity;
  #kind: Kind = 'samples';
  readonly #kept = { samples: 0, histograms: 0, exemplars: 0, metadata: 0 };
  readonly #dropped = new Map<DropReason, Record<keyof ItemCounts, number>>();

  constructor(options: IntakeOptions) {
    this.#options = options;
    const { args, externalLabels } = options;
    this.#series = new OutgoingSeries(externalLabels, compileRules(args.write_relabel_config));
    this.#sendsOldProtocol = args.protobuf_message === writeProtocols.v1.message;
  }

  close(): void {
    this.#series.close();
  }

  /** Adds a batch, and counts for the endpoint whose meters they are. */
  add(batch: SampleBatch, delivery: Delivery, meters: EndpointMeters): void {
    const { args, shardCount, metadata } = this.#options;
    const { sample_age_limit: ageLimit } = args.queue_config;
    this.#table = batch.table;
    this.#minTime = ageLimit > 0 ? Date.now() - ageLimit : -Infinity;
    this.#addSamples(batch, delivery);
    this.#addHistograms(batch, delivery);
    this.#addExemplars(batch, delivery);
    if (this.#sendsOldProtocol && args.metadata_config.send) metadata.remember(batch.families);

    meters.pending(this.#kept, 1);
    const { samples, histograms, exemplars } = this.#kept;
    shardCount.received(samples + histograms + exemplars);
    Object.assign(this.#kept, noItems());
    for (const [reason, counts] of this.#dropped) {
      meters.dropped(counts, reason);
      if (reason === 'dropped_series') shardCount.dropped(counts.samples + counts.histograms + counts.exemplars);
    }
    this.#dropped.clear();
    if (this.newest > -Infinity) meters.set('highestTimestamp', this.newest / 1000);
  }

  #addSamples(batch: SampleBatch, delivery: Delivery): void {
    const { queue } = this.#options;
    const { series: refs, timestamps } = batch;
    this.#kind = 'samples';
    for (let index = 0; index < batch.count; index++) {
      const timestamp = timestamps[index] ?? 0;
      const series = this.#outgoing(refs[index] ?? 0, timestamp);
      if (series === 0) continue;
      queue.requestFor(series).chosen.add(series, index);
      this.#chosen(timestamp);
    }
    queue.addChosen(batch, delivery);
  }

  #addHistograms(batch: SampleBatch, delivery: Delivery): void {
    const { histograms } = batch;
    if (histograms === undefined) return;
    const { queue, args } = this.#options;
    this.#kind = 'histograms';
    for (let index = 0; index < histograms.count; index++) {
      if (!args.send_native_histograms) {
        this.#drop('not_enabled');
        continue;
      }
      const timestamp = histograms.timestamps[index] ?? 0;
      const series = this.#outgoing(histograms.series[index] ?? 0, timestamp);
      if (series === 0) continue;
      const start = histograms.starts[index] ?? 0;
      if (this.#sendsOldProtocol && isCustomBounds(histograms.bytes, start, histograms.ends[index] ?? 0)) {
        this.#drop('nhcb_in_rw1_not_supported');
        continue;
      }
      const request = queue.requestFor(series);
      request.builder.addHistogram(batch, index, series);
      this.#added(request, timestamp, delivery);
    }
  }

  #addExemplars(batch: SampleBatch, delivery: Delivery): void {
    const { exemplars } = batch;
    if (exemplars === undefined) return;
    const { queue, args } = this.#options;
    this.#kind = 'exemplars';
    for (let index = 0; index < exemplars.count; index++) {
      if (!args.send_exemplars) {
        this.#drop('not_enabled');
        continue;
      }
      const timestamp = exemplars.timestamps[index] ?? 0;
      const series = this.#outgoing(exemplars.series[index] ?? 0, timestamp);
      if (series === 0) continue;
      const request = queue.requestFor(series);
      request.builder.addExemplar(batch, index, series);
      this.#added(request, timestamp, delivery);
    }
  }

  /** What a series is sent as; 0 if the item is dropped, which is counted. */
  #outgoing(ref: SeriesRef, timestamp: number): SeriesRef {
    const series = this.#table === undefined ? 0 : this.#series.of(this.#table, ref);
    if (series === 0) this.#drop('unintentionally_dropped_series');
    else if (series === droppedSeries) this.#drop('dropped_series');
    else if (timestamp < this.#minTime) this.#drop('too_old');
    else return series;
    return 0;
  }

  #chosen(timestamp: number): void {
    this.#kept[this.#kind]++;
    if (timestamp > this.newest) this.newest = timestamp;
  }

  #added(request: OpenRequest, timestamp: number, delivery: Delivery): void {
    this.#chosen(timestamp);
    this.#options.queue.added(request, timestamp, delivery);
  }

  #drop(reason: DropReason): void {
    let counts = this.#dropped.get(reason);
    if (counts === undefined) this.#dropped.set(reason, (counts = noItems()));
    counts[this.#kind]++;
  }
}

function noItems(): Record<keyof ItemCounts, number> {
  return { samples: 0, histograms: 0, exemplars: 0, metadata: 0 };
}
