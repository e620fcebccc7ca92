import type { Consumer, DeliveryError } from '../flow/delivery.ts';

/** Refuses what it is given while there is an error, and delivers it at once otherwise. */
export class Sink<B> implements Consumer<B> {
  error: DeliveryError | undefined;
  /** How many batches it has refused. */
  refused = 0;
  readonly batches: B[] = [];

  consume(batch: B): void {
    if (this.error === undefined) {
      this.batches.push(batch);
      return;
    }
    this.refused++;
    throw this.error;
  }
}

/** How a delivery stands: `under way`, `delivered`, `lost for now` if it may be sent again, or `lost`. */
export function watch({ delivered }: { readonly delivered: Promise<void> }): { readonly state: string } {
  const answer = { state: 'under way' };
  delivered.then(
    () => (answer.state = 'delivered'),
    (error: DeliveryError) => (answer.state = error.isRetryable ? 'lost for now' : 'lost'),
  );
  return answer;
}

/** Resolves when everything is done that waits for nothing else. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
