import type { Log } from '../../../base/log.ts';
import { messageOf } from '../../../base/message-of.ts';
import { NoData, type Collect } from './collector.ts';
import { gauge } from './family.ts';
import { codeOf } from './read-file.ts';
import { Samples } from './samples.ts';

/** A collector that does not end in this time is given up for the scrape, in milliseconds. */
const longestCollection = 20_000;

/** Errors of files that say that a feature is not there. */
const noDataCodes: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ENODEV', 'ENODATA', 'ENOTSUP', 'EOPNOTSUPP']);

const duration = gauge('scrape_collector_duration_seconds', 'The time that a collector took.', 'collector');
const success = gauge('scrape_collector_success', 'Whether a collector found all it looked for.', 'collector');

/** A collector that is open, or the reason why it is not. */
export interface OpenCollector {
  readonly name: string;
  readonly collect: Collect;
}

interface Outcome {
  readonly samples: Samples;
  readonly seconds: number;
  readonly error: unknown;
}

/** Runs collectors at the same time. It never fails: what fails is told by the success of the collector, and logged. */
export class Scrape {
  readonly #collectors: readonly OpenCollector[];
  readonly #log: Log;
  readonly #longest: number;
  /** What runs, also for a scrape that has given it up: a second one of its kind would hang as well. */
  readonly #running = new Map<string, Promise<Outcome>>();
  /** The last error of each collector, so that what lasts is logged once. */
  readonly #errors = new Map<string, string>();

  constructor(collectors: readonly OpenCollector[], log: Log, longest = longestCollection) {
    this.#collectors = collectors;
    this.#log = log;
    this.#longest = longest;
  }

  async collect(): Promise<Samples> {
    const outcomes = await Promise.all(this.#collectors.map((collector) => this.#outcomeInTime(collector)));
    const all = new Samples();
    for (const [index, { name }] of this.#collectors.entries()) {
      const outcome = outcomes[index];
      if (outcome === undefined) continue;
      all.addAll(outcome.samples);
      all.add(duration, outcome.seconds, name);
      all.add(success, outcome.error === undefined ? 1 : 0, name);
      this.#tell(name, outcome.error);
    }
    return all;
  }

  async #outcomeInTime(collector: OpenCollector): Promise<Outcome> {
    const { name } = collector;
    let running = this.#running.get(name);
    if (running === undefined) {
      running = outcomeOf(collector).finally(() => this.#running.delete(name));
      this.#running.set(name, running);
    }
    const { promise: late, resolve } = Promise.withResolvers<Outcome>();
    const seconds = this.#longest / 1000;
    const timer = setTimeout(
      () => resolve({ samples: new Samples(), seconds, error: new Error(`it took more than ${seconds} s`) }),
      this.#longest,
    );
    const outcome = await Promise.race([running, late]);
    clearTimeout(timer);
    return outcome;
  }

  #tell(name: string, error: unknown): void {
    const text = error === undefined ? '' : messageOf(error);
    if (text !== '' && text !== this.#errors.get(name)) {
      if (isNoData(error)) this.#log.debug('collector has no data', { collector: name, reason: text });
      else this.#log.error('collector failed', { collector: name, error: text });
    }
    this.#errors.set(name, text);
  }
}

async function outcomeOf({ collect }: OpenCollector): Promise<Outcome> {
  const samples = new Samples();
  const start = performance.now();
  let error: unknown;
  try {
    await collect(samples);
  } catch (thrown) {
    error = thrown ?? new Error('it failed for no reason');
  }
  return { samples, seconds: (performance.now() - start) / 1000, error };
}

function isNoData(error: unknown): boolean {
  return error instanceof NoData || noDataCodes.has(codeOf(error));
}
