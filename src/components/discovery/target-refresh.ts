import { Doorbell, repeat } from '../../base/doorbell.ts';
import type { Milliseconds } from '../../base/duration.ts';
import type { Log } from '../../base/log.ts';
import type { HealthState } from '../../component/health.ts';
import { counter, histogram, type MetersOf } from '../../component/metrics.ts';
import type { Labels } from '../../model/labels.ts';
import { TargetExport } from './target-export.ts';

/** The metrics of components that look for targets again and again. */
export const refreshMetrics = {
  refreshDuration: histogram(
    'prometheus_sd_refresh_duration_seconds',
    'The time to look for targets once.',
    [0.01, 0.1, 1, 10],
    ['mechanism'],
  ),
  refreshFailures: counter(
    'prometheus_sd_refresh_failures_total',
    'How often targets could not be looked for, or not for all.',
    ['mechanism'],
  ),
};

/** All targets there are now; where some could not be found anew, those of before, with what went wrong. */
export interface FoundTargets {
  readonly targets: readonly Labels[];
  readonly problems: readonly string[];
}

interface RefreshOptions {
  readonly metrics: MetersOf<typeof refreshMetrics>;
  readonly log: Log;
  /** The kind of discovery, as metrics name it. */
  readonly mechanism: string;
  readonly period: () => Milliseconds;
  /** Resolves with undefined if the signal has aborted. Must not reject. */
  readonly find: (signal: AbortSignal) => Promise<FoundTargets | undefined>;
  readonly export: (changed: { readonly targets: readonly Labels[] }) => void;
  readonly health: (state: HealthState, message: string) => void;
}

/** How many problems are told of those that come at once. */
const maxProblems = 5;

/** Looks for targets at once and after each period, exports them when they have changed, and tells what goes wrong. */
export class TargetRefresh {
  readonly #options: RefreshOptions;
  readonly #bell = new Doorbell();
  #attempt = new AbortController();
  #problem = '';

  constructor(options: RefreshOptions) {
    this.#options = options;
  }

  /** Works until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { period, export: pass } = this.#options;
    const exporter = new TargetExport((targets) => pass({ targets }));
    const stop = (): void => this.#attempt.abort();
    signal.addEventListener('abort', stop);
    await repeat(this.#bell, signal, period, () => this.#refresh(exporter));
    signal.removeEventListener('abort', stop);
    exporter.close();
  }

  /** Gives up the attempt that is under way, and makes the next one now: there are other arguments. */
  restart(): void {
    this.#attempt.abort();
    this.#bell.ring();
  }

  async #refresh(exporter: TargetExport): Promise<void> {
    const { mechanism, metrics, find } = this.#options;
    const attempt = new AbortController();
    this.#attempt = attempt;
    const start = performance.now();
    const found = await find(attempt.signal);
    if (found === undefined) return;
    const { targets, problems } = found;
    metrics.refreshDuration.with(mechanism).observe((performance.now() - start) / 1000);
    if (problems.length > 0) metrics.refreshFailures.with(mechanism).inc();
    this.#tell(problems);
    exporter.set(targets);
  }

  #tell(problems: readonly string[]): void {
    const { log, health } = this.#options;
    const more = problems.length - maxProblems;
    const text = problems.slice(0, maxProblems).join('; ') + (more > 0 ? `; and ${more} more` : '');
    if (text !== '') health('unhealthy', text);
    else if (this.#problem !== '') health('healthy', 'found targets');
    if (text !== '' && text !== this.#problem)
      log.error('cannot find targets, those of before are kept', { error: text });
    this.#problem = text;
  }
}
