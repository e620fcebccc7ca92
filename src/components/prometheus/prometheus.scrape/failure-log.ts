import { appendFile } from 'node:fs/promises';
import type { Log } from '../../../base/log.ts';
import { messageOf } from '../../../base/message-of.ts';

/** Lines that wait to be written; more are left out. */
const maxWaiting = 1000;

/** Writes failed scrapes to a file, which is opened for each write, so that it may be moved away at any time. */
export class FailureLog {
  readonly file: string;
  readonly #log: Log;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #isFailing = false;

  constructor(file: string, log: Log) {
    this.file = file;
    this.#log = log;
  }

  add(job: string, target: string, error: string): void {
    if (this.#waiting.length >= maxWaiting) return;
    const time = new Date().toISOString();
    this.#waiting.push(`${JSON.stringify({ time, level: 'ERROR', msg: error, job_name: job, target })}\n`);
    this.#writing ??= this.#write();
  }

  /** Resolves when everything is written. */
  async close(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      try {
        await appendFile(this.file, lines.join(''));
        this.#isFailing = false;
      } catch (error) {
        if (!this.#isFailing)
          this.#log.warn('cannot write the log of failed scrapes', { file: this.file, error: messageOf(error) });
        this.#isFailing = true;
      }
    }
    this.#writing = undefined;
  }
}
