import os from 'node:os';
import type { Milliseconds } from '../../../base/duration.ts';
import type { Log } from '../../../base/log.ts';
import { sleep } from '../../../base/sleep.ts';

export interface MemoryLimits {
  readonly check_interval: Milliseconds;
  /** In bytes; 0 if there are percentages. */
  readonly limit: number;
  readonly spike_limit: number;
  readonly limit_percentage: number;
  readonly spike_limit_percentage: number;
}

/** What is measured. Tests have their own. */
export interface MemoryUse {
  /** Bytes that the program uses. */
  used(): number;
  /** Bytes that it may use: those of the machine, or what its control group allows. */
  total(): number;
}

export const processMemory: MemoryUse = {
  used() {
    // What was received lies outside of the heap of JavaScript.
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
  total() {
    const machine = os.totalmem();
    // Without a limit this is 0, or more than there is.
    const allowed = process.constrainedMemory();
    return allowed > 0 ? Math.min(allowed, machine) : machine;
  },
};

const mebibyte = 1024 * 1024;

/** From how many bytes on nothing more is taken: what is left until the limit is for spikes. */
export function softLimit(limits: MemoryLimits, total: number): number {
  if (limits.limit > 0) {
    const limit = wholeMebibytes(limits.limit);
    return limit - (limits.spike_limit > 0 ? wholeMebibytes(limits.spike_limit) : Math.floor(limit / 5));
  }
  const percentage = limits.limit_percentage - limits.spike_limit_percentage;
  return Math.floor((total * percentage) / 100);
}

export function wholeMebibytes(bytes: number): number {
  return Math.floor(bytes / mebibyte) * mebibyte;
}

/** Looks again and again whether too much memory is used. */
export class MemoryWatch {
  isOver = false;
  readonly #interval: Milliseconds;
  readonly #softLimit: number;
  readonly #use: MemoryUse;
  readonly #log: Log;

  constructor(limits: MemoryLimits, use: MemoryUse, log: Log) {
    this.#interval = limits.check_interval;
    this.#softLimit = softLimit(limits, use.total());
    this.#use = use;
    this.#log = log;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#look();
      await sleep(this.#interval, signal);
    }
  }

  #look(): void {
    const used = this.#use.used();
    const isOver = used >= this.#softLimit;
    if (isOver === this.isOver) return;
    this.isOver = isOver;
    const fields = { used_bytes: used, soft_limit_bytes: this.#softLimit };
    if (isOver) this.#log.warn('memory usage is above the soft limit, refusing data', fields);
    else this.#log.info('memory usage is back within the soft limit, taking data again', fields);
  }
}
