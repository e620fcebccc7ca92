/**
 * The names of extracted values that the stages of a pipeline use, each with a number under which a cursor keeps its
 * value. Stages say which names they read when they are compiled, so that later a stage can leave out what nobody reads.
 */
export class Slots {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #isRead: boolean[] = [];
  #readsAll = false;

  get names(): readonly string[] {
    return this.#names;
  }

  /** The slot of a name that a stage writes. */
  writes(name: string): number {
    let slot = this.#numbers.get(name);
    if (slot === undefined) {
      slot = this.#names.push(name) - 1;
      this.#numbers.set(name, slot);
      this.#isRead.push(false);
    }
    return slot;
  }

  /** The slot of a name that a stage reads. */
  reads(name: string): number {
    const slot = this.writes(name);
    this.#isRead[slot] = true;
    return slot;
  }

  /** For stages that look at every extracted value. */
  readsAll(): void {
    this.#readsAll = true;
  }

  /** The slot of a name, if a stage knows the name. */
  find(name: string): number | undefined {
    return this.#numbers.get(name);
  }

  /** Whether any stage reads the slot. Only right once all stages are compiled. */
  isRead(slot: number): boolean {
    return this.#readsAll || (this.#isRead[slot] ?? false);
  }

  /** Whether a name that is met while running could be read by any stage. */
  isNameRead(name: string): boolean {
    const slot = this.#numbers.get(name);
    return this.#readsAll || (slot !== undefined && this.isRead(slot));
  }
}
