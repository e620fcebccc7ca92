/** Lets others watch what passes a point. Costs one boolean test while nobody does. */
export class Tap<B> {
  /** Whether anyone watches. */
  isActive = false;
  readonly #watchers = new Set<(batch: B) => void>();

  /** Calls the watcher for every batch until the returned function is called. The watcher must not throw. */
  watch(watcher: (batch: B) => void): () => void {
    this.#watchers.add(watcher);
    this.isActive = true;
    return () => {
      this.#watchers.delete(watcher);
      this.isActive = this.#watchers.size > 0;
    };
  }

  publish(batch: B): void {
    for (const watcher of this.#watchers) watcher(batch);
  }
}
