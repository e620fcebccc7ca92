import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { WriterCommand, WriterOptions, WriterReport } from './writer.ts';

/** The process that writes lines. `await using` ends it. */
export class WriterProcess implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  /** What waits for the rotation of a file. */
  readonly #waiting = new Map<number, () => void>();
  #rotations: Promise<void> = Promise.resolve();
  #written: readonly number[] = [];

  constructor(options: WriterOptions) {
    // Options of the test runner are not for it.
    this.#process = fork(path.join(import.meta.dirname, 'writer.ts'), [JSON.stringify(options)], { execArgv: [] });
    this.#ended = once(this.#process, 'exit');
    this.#process.on('message', ({ rotated, written }: WriterReport) => {
      this.#written = written ?? this.#written;
      if (rotated !== undefined) this.#waiting.get(rotated)?.();
    });
  }

  /** Rotates a file after all rotations that were asked for before. */
  rotate(file: number): Promise<void> {
    this.#rotations = this.#rotations.then(async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.set(file, resolve);
      this.#tell({ rotate: file });
      await Promise.race([promise, this.#ended.then(() => Promise.reject(new Error('the writer has ended')))]);
    });
    return this.#rotations;
  }

  /** Lets it end; resolves with the number of the last line of each file. */
  async stop(): Promise<readonly number[]> {
    this.#tell('stop');
    await this.#ended;
    return this.#written;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  #tell(command: WriterCommand): void {
    this.#process.send(command);
  }
}
