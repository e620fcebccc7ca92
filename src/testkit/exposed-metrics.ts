import type { IncomingMessage, RequestListener } from 'node:http';
import { metrics } from '../model/signal.ts';
import { isStale } from '../model/float-bits.ts';
import type { SampleBatch } from '../model/sample-batch.ts';
import { collect, type Collector } from './collect.ts';
import { receiverFor } from './arguments.ts';
import type { Value } from '../syntax/value.ts';

/** Answers every request with a text in the Prometheus format, and remembers the last request. */
export class ExposedMetrics {
  text: string;
  requests = 0;
  last: IncomingMessage | undefined;
  readonly handler: RequestListener = (request, response) => {
    this.requests++;
    this.last = request;
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(this.text);
  };

  constructor(text: string) {
    this.text = text;
  }
}

/** Takes the samples of a component, and finds the last of each series. */
export class SampleSink {
  readonly collector: Collector<SampleBatch> = collect(metrics);
  /** For `forward_to`. */
  readonly receiver: Value = receiverFor(metrics, this.collector);

  get batches(): readonly SampleBatch[] {
    return this.collector.batches;
  }

  /** The float values of all series whose labels as text hold a part, the earliest first; NaN where one has ended. */
  valuesOf(part: string): number[] {
    return this.batches.flatMap((batch) =>
      Array.from(batch.series, (series, index) => ({ series, index }))
        .filter(({ series }) => batch.table.labelsOf(series).toString().includes(part))
        .map(({ index }) => (isStale(batch.valueBits, index) ? Number.NaN : (batch.values[index] ?? 0))),
    );
  }
}
