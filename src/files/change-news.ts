import type { Milliseconds } from '../base/duration.ts';
import type { FileEvents, FileListener } from './file-events.ts';

/** How long to wait before it is tried again to have changes told. */
const retryTime: Milliseconds = 10_000;

/** A change that is so old and was not told will not be told any more. */
const toldTime: Milliseconds = 5000;

/** What the file system tells of one file, as far as it does. */
export class ChangeNews implements FileListener {
  readonly #path: string;
  readonly #events: FileEvents;
  readonly #owner: FileListener;
  /** Whether something was told since it was asked last. */
  #isTold = true;
  #retryAt = -Infinity;
  #isClosed = false;

  /** The owner is told at once. */
  constructor(path: string, events: FileEvents, owner: FileListener) {
    this.#path = path;
    this.#events = events;
    this.#owner = owner;
  }

  /** Whether changes are told. */
  get isWatched(): boolean {
    return this.#events.isWatched(this);
  }

  changed(): void {
    this.#isTold = true;
    this.#owner.changed();
  }

  /** Whether anything was told since the last call. */
  take(): boolean {
    const isTold = this.#isTold;
    this.#isTold = false;
    return isTold;
  }

  /** Has changes told from now on, if that is possible. Without need it is tried now and then only. */
  async listen(isUrgent = false): Promise<void> {
    const now = performance.now();
    if (this.#isClosed || (now < this.#retryAt && !isUrgent)) return;
    this.#retryAt = now + retryTime;
    await this.#events.listen(this, this.#path);
    if (this.#isClosed) this.#events.forget(this);
  }

  /** A change was seen that was not told; if it had time enough, there is no use in waiting for others. */
  missed(modifiedAt: Milliseconds): void {
    if (this.isWatched && Date.now() - modifiedAt > toldTime) this.#events.missed(this);
  }

  close(): void {
    this.#isClosed = true;
    this.#events.forget(this);
  }
}
