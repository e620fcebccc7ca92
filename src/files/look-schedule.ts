import type { Milliseconds } from '../base/duration.ts';

/** Something that is looked at again and again. */
export interface Looker {
  /** Looks, and gives the time until the next look. Must not reject. */
  look(): Promise<Milliseconds>;
}

/** Short times are rounded up to multiples of this, so that many share a timer. */
const fineStep: Milliseconds = 10;

/** The same for long times, which need not be kept as exactly. */
const coarseStep: Milliseconds = 250;

/** How many look at the same time, which bounds the open requests to the file system. */
const maxLooks = 32;

interface Entry {
  readonly looker: Looker;
  /** The time of its slot; Infinity while it is looking or waits for its turn. */
  dueAt: Milliseconds;
  /** When to look again after the look that is under way, if someone asked for it in the meantime. */
  hurriedTo: Milliseconds;
}

/**
 * Lets many look in turn, each at its time, with one timer for all and without any memory for those who wait but their
 * place in a set.
 */
export class LookSchedule {
  readonly #entries = new Map<Looker, Entry>();
  readonly #slots = new Map<Milliseconds, Set<Entry>>();
  /** Those whose time has come. */
  readonly #due: Entry[] = [];
  #looks = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  /** Lets someone look from now on. */
  add(looker: Looker): void {
    const entry = { looker, dueAt: Infinity, hurriedTo: Infinity };
    this.#entries.set(looker, entry);
    this.#due.push(entry);
    this.#start();
  }

  /** Lets someone look no more. A look that is under way goes on. */
  remove(looker: Looker): void {
    const entry = this.#entries.get(looker);
    if (entry === undefined) return;
    this.#entries.delete(looker);
    this.#leaveSlot(entry);
  }

  /** Lets someone look after a time at the latest. */
  hurry(looker: Looker, within: Milliseconds): void {
    const entry = this.#entries.get(looker);
    if (entry === undefined) return;
    const time = performance.now() + within;
    if (entry.dueAt === Infinity) entry.hurriedTo = Math.min(entry.hurriedTo, time);
    else if (time < entry.dueAt) {
      this.#leaveSlot(entry);
      this.#enterSlot(entry, within);
    }
  }

  /** Forgets everyone. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timerAt = Infinity;
    this.#entries.clear();
    this.#slots.clear();
    this.#due.length = 0;
  }

  #enterSlot(entry: Entry, wait: Milliseconds): void {
    const step = wait < 1000 ? fineStep : coarseStep;
    const time = Math.ceil((performance.now() + wait) / step) * step;
    let slot = this.#slots.get(time);
    if (slot === undefined) this.#slots.set(time, (slot = new Set()));
    slot.add(entry);
    entry.dueAt = time;
    if (time < this.#timerAt) this.#arm(time);
  }

  #leaveSlot(entry: Entry): void {
    const slot = this.#slots.get(entry.dueAt);
    slot?.delete(entry);
    if (slot?.size === 0) this.#slots.delete(entry.dueAt);
    entry.dueAt = Infinity;
  }

  #arm(time: Milliseconds): void {
    clearTimeout(this.#timer);
    this.#timerAt = time;
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, time - performance.now()));
  }

  #tick(): void {
    const now = performance.now();
    const times = [...this.#slots.keys()].filter((time) => time <= now).toSorted((a, b) => a - b);
    for (const time of times) {
      for (const entry of this.#slots.get(time) ?? []) {
        entry.dueAt = Infinity;
        this.#due.push(entry);
      }
      this.#slots.delete(time);
    }
    this.#timerAt = Infinity;
    let next = Infinity;
    for (const time of this.#slots.keys()) next = Math.min(next, time);
    if (next < Infinity) this.#arm(next);
    this.#start();
  }

  #start(): void {
    while (this.#looks < maxLooks) {
      const entry = this.#due.shift();
      if (entry === undefined) return;
      if (this.#entries.get(entry.looker) === entry) void this.#look(entry);
    }
  }

  async #look(entry: Entry): Promise<void> {
    this.#looks++;
    entry.hurriedTo = Infinity;
    const wait = await entry.looker.look();
    this.#looks--;
    if (this.#entries.get(entry.looker) === entry)
      this.#enterSlot(entry, Math.max(0, Math.min(wait, entry.hurriedTo - performance.now())));
    this.#start();
  }
}
