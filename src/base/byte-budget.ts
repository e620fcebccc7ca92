/** Memory that is shared: whoever needs some reserves it, and is refused what would go beyond the limit. */
export class ByteBudget {
  limit: number;
  #used = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** What is reserved at the moment. */
  get used(): number {
    return this.#used;
  }

  /** A reservation of nothing yet. Its owner must release it. */
  open(): Reservation {
    let bytes = 0;
    return {
      take: (more) => {
        if (this.#used + more > this.limit) return false;
        this.#used += more;
        bytes += more;
        return true;
      },
      giveBack: (some) => {
        this.#used -= some;
        bytes -= some;
      },
      release: () => {
        this.#used -= bytes;
        bytes = 0;
      },
    };
  }
}

/** What one user has of a budget. */
export interface Reservation {
  /** Reserves more; false if there is no room, and nothing has changed then. */
  take(bytes: number): boolean;
  /** Gives back a part of what was taken. */
  giveBack(bytes: number): void;
  /** Gives back everything. Does nothing the second time. */
  release(): void;
}
