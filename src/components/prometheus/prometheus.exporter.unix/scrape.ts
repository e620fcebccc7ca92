import type { Log } from '../../../base/log.ts';
import { messageOf } from '../../../base/message-of.ts';
import { codeOf } from './absence.ts';
import { NoData, type Collect } from './collector.ts';
import { CollectorRun } from './collector-run.ts';
import { gauge } from './family.ts';
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

/** Runs collectors at the same time. It never fails: what fails is told by the success of the collector, and logged. */
export class Scrape {
  readonly #runs: readonly CollectorRun[];
  readonly #log: Log;
  readonly #longest: number;
  readonly #begin: () => void;
  /** How the collectors did. */
  readonly #outcomes = new Samples();
  /** The last error of each collector, so that what lasts is logged once. */
  readonly #errors = new Map<string, string>();
  #current: Promise<readonly Samples[]> | undefined;

  /** Before collectors run, `begin` is called. */
  constructor(
    collectors: readonly OpenCollector[],
    log: Log,
    { begin = () => {}, longest = longestCollection }: { readonly begin?: () => void; readonly longest?: number } = {},
  ) {
    this.#runs = collectors.map(({ name, collect }) => new CollectorRun(name, collect));
    this.#log = log;
    this.#longest = longest;
    this.#begin = begin;
  }

  /** What all have found, which is theirs again when the next scrape begins. Whoever asks meanwhile gets the same. */
  collect(): Promise<readonly Samples[]> {
    this.#current ??= this.#collect().finally(() => (this.#current = undefined));
    return this.#current;
  }

  async #collect(): Promise<readonly Samples[]> {
    this.#begin();
    const unfinished = this.#runs.map((run) => run.start()).filter((running) => running !== undefined);
    if (unfinished.length > 0) await this.#inTime(unfinished);
    const all: Samples[] = [];
    this.#outcomes.begin();
    for (const run of this.#runs) {
      const isLate = run.isRunning;
      if (!isLate) all.push(run.samples);
      const seconds = this.#longest / 1000;
      const error = isLate ? new Error(`it took more than ${seconds} s`) : run.error;
      this.#outcomes.add(duration, isLate ? seconds : run.seconds, run.name);
      this.#outcomes.add(success, error === undefined ? 1 : 0, run.name);
      this.#tell(run.name, error);
    }
    this.#outcomes.end();
    all.push(this.#outcomes);
    return all;
  }

  async #inTime(running: readonly Promise<void>[]): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, this.#longest);
    await Promise.race([Promise.all(running), late]);
    clearTimeout(timer);
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

function isNoData(error: unknown): boolean {
  return error instanceof NoData || noDataCodes.has(codeOf(error));
}
