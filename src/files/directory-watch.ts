import { watch, type FSWatcher } from 'node:fs';
import type { Milliseconds } from '../base/duration.ts';

/** Time for a writer to finish after the first sign of a change. */
const settleTime: Milliseconds = 50;

/** Tells when something happens in directories, by events of the file system. Bursts of events are told once. */
export class DirectoryWatch {
  readonly #changed: () => void;
  readonly #failed: (error: unknown) => void;
  readonly #concerns: (name: string) => boolean;
  readonly #watchers = new Map<string, FSWatcher>();
  #soon: NodeJS.Timeout | undefined;

  /** `concerns` is asked about the names of what has changed. */
  constructor(options: {
    readonly changed: () => void;
    readonly failed: (error: unknown) => void;
    readonly concerns: (name: string) => boolean;
  }) {
    this.#changed = options.changed;
    this.#failed = options.failed;
    this.#concerns = options.concerns;
  }

  /** Watches these directories from now on, and no others. What cannot be watched is tried again at the next call. */
  watch(directories: ReadonlySet<string>): void {
    for (const directory of this.#watchers.keys()) {
      if (!directories.has(directory)) this.#unwatch(directory);
    }
    for (const directory of directories) {
      if (this.#watchers.has(directory)) continue;
      try {
        const watcher = watch(directory, (_event, name) => this.#saw(name));
        watcher.on('error', (error) => {
          this.#unwatch(directory);
          this.#failed(error);
        });
        this.#watchers.set(directory, watcher);
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  close(): void {
    this.watch(new Set());
    clearTimeout(this.#soon);
  }

  #saw(name: string | null): void {
    if (name !== null && !this.#concerns(name)) return;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#changed();
    }, settleTime);
  }

  #unwatch(directory: string): void {
    this.#watchers.get(directory)?.close();
    this.#watchers.delete(directory);
  }
}
