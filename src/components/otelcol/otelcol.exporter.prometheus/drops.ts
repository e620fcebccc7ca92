/** Why a data point does not become samples. */
export const dropReasons = {
  delta: 'its sum or histogram is not cumulative, which Prometheus does not know',
  no_temporality: 'its sum or histogram does not say whether it is cumulative',
  no_name: 'nothing in the name of its metric can be in a name of Prometheus',
  no_time: 'it does not say when it was',
  out_of_order: 'it is older than the last one of its series',
  unsupported_scale: 'its exponential histogram has a scale below -4',
  invalid_histogram: 'the counts of its histogram do not fit together',
  series_limit: 'there is no room for its series',
} as const;

export type DropReason = keyof typeof dropReasons;

/** What of one batch was not converted. */
export class Drops {
  /** Exemplars that are older than the last one of their series. */
  exemplars = 0;
  readonly #counts = new Map<DropReason, number>();
  readonly #metrics = new Map<DropReason, string>();

  /** Counts data points of a metric. */
  add(reason: DropReason, metric: () => string, points = 1): void {
    if (points === 0) return;
    const count = this.#counts.get(reason);
    if (count === undefined) this.#metrics.set(reason, metric());
    this.#counts.set(reason, (count ?? 0) + points);
  }

  /** The reasons, with how many points and a metric that had some of them. */
  *entries(): Iterable<{ readonly reason: DropReason; readonly points: number; readonly metric: string }> {
    for (const [reason, points] of this.#counts) yield { reason, points, metric: this.#metrics.get(reason) ?? '' };
  }
}
