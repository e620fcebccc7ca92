import { labelText, sampleLine } from '../../../formats/prometheus-text/encode.ts';
import type { FamilyHead, Samples } from './samples.ts';

const errors: FamilyHead = {
  name: 'promhttp_metric_handler_errors_total',
  kind: 'counter',
  help: 'Requests for metrics whose answer lacks some because of a contradiction.',
};
const requests: FamilyHead = {
  name: 'promhttp_metric_handler_requests_total',
  kind: 'counter',
  help: 'Requests for metrics that were answered, by the status of the answer.',
};
const inFlight: FamilyHead = {
  name: 'promhttp_metric_handler_requests_in_flight',
  kind: 'gauge',
  help: 'Requests for metrics that are being answered.',
};

/** What is known of the requests for metrics themselves. */
export class HandlerMetrics {
  readonly #hasRequests: boolean;
  #gatheringErrors = 0;
  #answered = 0;
  #failed = 0;
  #inFlight = 0;

  /** Requests are told of only if that is wanted. */
  constructor(hasRequests: boolean) {
    this.#hasRequests = hasRequests;
  }

  /** Counts a request around what answers it. */
  async count(answer: () => Promise<Samples>): Promise<string> {
    this.#inFlight++;
    try {
      const samples = await answer();
      if (samples.conflicts > 0) this.#gatheringErrors++;
      this.#addTo(samples);
      const text = samples.toText();
      this.#answered++;
      return text;
    } catch (error) {
      this.#failed++;
      throw error;
    } finally {
      this.#inFlight--;
    }
  }

  #addTo(samples: Samples): void {
    addSample(samples, errors, 0, ['cause', 'encoding']);
    addSample(samples, errors, this.#gatheringErrors, ['cause', 'gathering']);
    if (!this.#hasRequests) return;
    addSample(samples, requests, this.#answered, ['code', '200']);
    addSample(samples, requests, this.#failed, ['code', '500']);
    addSample(samples, requests, 0, ['code', '503']);
    addSample(samples, inFlight, this.#inFlight);
  }
}

function addSample(
  samples: Samples,
  head: FamilyHead,
  value: number,
  ...labels: readonly (readonly [string, string])[]
): void {
  const text = labelText(labels);
  samples.addSeries(head, text, sampleLine(head.name, text, value));
}
