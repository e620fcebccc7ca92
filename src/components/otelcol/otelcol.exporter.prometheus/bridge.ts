import type { Log } from '../../../base/log.ts';
import { deliver, DeliveryError, type Consumer, type Delivery } from '../../../flow/delivery.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import { sampleCount, type SampleBatch } from '../../../model/sample-batch.ts';
import { allSeries } from '../../../model/series-table.ts';
import { unsupported } from '../output-block.ts';
import { Converter, type Converted } from './converter.ts';
import { dropReasons, type Drops } from './drops.ts';
import type { PrometheusExporterArguments } from './fields.ts';
import type { PrometheusExporterMeters } from './metrics.ts';

/** What did not come for so long is forgotten. */
const maxUnseenSeconds = 300;

/** Converts batches and sends them on, under the delivery that they came with. */
export class Bridge implements Consumer<OtlpBatch> {
  readonly #id: string;
  readonly #metrics: PrometheusExporterMeters;
  readonly #log: Log;
  readonly #reasonsTold = new Set<string>();
  #args: PrometheusExporterArguments;
  /** There from the first batch on. */
  #converter: Converter | undefined;
  #isClosed = false;

  constructor(id: string, args: PrometheusExporterArguments, metrics: PrometheusExporterMeters, log: Log) {
    this.#id = id;
    this.#args = args;
    this.#metrics = metrics;
    this.#log = log;
  }

  get gcFrequency(): number {
    return this.#args.gc_frequency;
  }

  consume(batch: OtlpBatch, delivery: Delivery): Promise<void> | void {
    if (this.#isClosed) throw new DeliveryError(`${this.#id} has exited`, { retryable: true });
    if (batch.kind !== 'metrics') throw unsupported();
    const converter = (this.#converter ??= new Converter(allSeries, this.#args));
    const lease = allSeries.openLease();
    const { samples, drops } = this.#convert(converter, batch);
    if (samples === undefined) {
      allSeries.closeLease(lease);
      this.#countDrops(drops);
      return undefined;
    }
    const settle = delivery.hold();
    const start = performance.now();
    const accepted = deliver(this.#args.forward_to, samples, delivery.signal, (error) => {
      // Whoever sent the batch may send it again.
      if (error !== undefined) converter.takeBack(samples);
      allSeries.closeLease(lease);
      settle(error);
    });
    if (accepted === undefined) return this.#accepted(samples, drops, start);
    return accepted.then(
      () => this.#accepted(samples, drops, start),
      (error: unknown) => {
        this.#observe(start);
        throw error;
      },
    );
  }

  /** Takes new arguments; what is remembered stays if they say the same of it. */
  update(args: PrometheusExporterArguments): void {
    const { forward_to: _, gc_frequency: __, ...options } = args;
    const isSame = Object.entries(options).every(([name, value]) => this.#args[name as keyof typeof options] === value);
    this.#args = args;
    if (isSame) return;
    this.#converter?.close();
    this.#converter = undefined;
  }

  /** Forgets what did not come for a while. */
  forgetUnseen(): void {
    this.#converter?.forgetBefore(second() - maxUnseenSeconds);
    this.#metrics.cached.set(this.#converter?.cacheSize ?? 0);
  }

  close(): void {
    this.#isClosed = true;
    this.#converter?.close();
  }

  #convert(converter: Converter, batch: OtlpBatch): Converted {
    const { cacheResets } = converter;
    const converted = converter.convert(batch, Date.now(), second());
    this.#metrics.cached.set(converter.cacheSize);
    this.#metrics.cacheResets.inc(converter.cacheResets - cacheResets);
    return converted;
  }

  #accepted(samples: SampleBatch, drops: Drops, start: number): void {
    this.#observe(start);
    this.#metrics.forwarded.inc(sampleCount(samples));
    this.#countDrops(drops);
  }

  #observe(start: number): void {
    this.#metrics.latency.observe((performance.now() - start) / 1000);
  }

  #countDrops(drops: Drops): void {
    this.#metrics.droppedExemplars.inc(drops.exemplars);
    for (const { reason, points, metric } of drops.entries()) {
      this.#metrics.dropped.with(reason).inc(points);
      if (this.#reasonsTold.has(reason)) continue;
      this.#reasonsTold.add(reason);
      this.#log.warn('a data point was dropped, and others will be without being told', {
        reason,
        why: dropReasons[reason],
        metric,
      });
    }
  }
}

/** A clock that never goes back. */
function second(): number {
  return Math.floor(performance.now() / 1000) + maxUnseenSeconds;
}
