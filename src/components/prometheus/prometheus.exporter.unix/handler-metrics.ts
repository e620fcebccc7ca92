import type { Exposition } from './exposition.ts';
import { labelText, sampleLine } from '../../../formats/prometheus-text/encode.ts';
import { Samples, type FamilyHead } from './samples.ts';

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
  readonly #exposition: Exposition;
  readonly #samples = new Samples();
  #gatheringErrors = 0;
  #answered = 0;
  #failed = 0;
  #inFlight = 0;

  /** Requests are told of only if that is wanted. */
  constructor(hasRequests: boolean, exposition: Exposition) {
    this.#hasRequests = hasRequests;
    this.#exposition = exposition;
  }

  /** Counts a request around what answers it. */
  async count(answer: () => Promise<readonly Samples[]>): Promise<string> {
    this.#inFlight++;
    try {
      const samples = await answer();
      const text = this.#render(samples);
      this.#answered++;
      return text;
    } catch (error) {
      this.#failed++;
      throw error;
    } finally {
      this.#inFlight--;
    }
  }

  #render(samples: readonly Samples[]): string {
    const all = [...samples, this.#samples];
    if (this.#exposition.conflictsOf(all) > 0) this.#gatheringErrors++;
    const own = this.#samples;
    own.begin();
    addSample(own, errors, 0, ['cause', 'encoding']);
    addSample(own, errors, this.#gatheringErrors, ['cause', 'gathering']);
    if (this.#hasRequests) {
      addSample(own, requests, this.#answered, ['code', '200']);
      addSample(own, requests, this.#failed, ['code', '500']);
      addSample(own, requests, 0, ['code', '503']);
      addSample(own, inFlight, this.#inFlight);
    }
    own.end();
    return this.#exposition.render(all);
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
