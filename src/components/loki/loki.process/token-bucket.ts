import type { Milliseconds } from '../../../base/duration.ts';
import type { Passage } from './passage.ts';

/** What the current batch did, to be made up for when it is refused. */
interface Use {
  taken: number;
  passedOver: number;
}

/**
 * Lets entries pass at a rate, and as many as `burst` at once after a pause. Tokens that a batch took are given back if it
 * is refused, since it will come again.
 */
export class TokenBucket {
  /** Tokens a second. */
  readonly #rate: number;
  readonly #burst: number;
  readonly #passage: Passage;
  /** Called with the number of entries for which there was no token, once their batch is accepted. */
  readonly #tooMany: (count: number) => void;
  /** How many there were at a time; below zero, tokens that are still to come are taken already. */
  #tokens: number;
  #at: Milliseconds = 0;
  #use: Use = { taken: 0, passedOver: 0 };
  #useOf = 0;

  constructor(rate: number, burst: number, passage: Passage, tooMany: (count: number) => void) {
    this.#rate = rate;
    this.#burst = burst;
    this.#passage = passage;
    this.#tooMany = tooMany;
    this.#tokens = burst;
  }

  /** Takes a token if there is one. */
  take(): boolean {
    this.#refill();
    const use = this.#currentUse();
    if (this.#tokens < 1) {
      use.passedOver++;
      return false;
    }
    this.#tokens--;
    use.taken++;
    return true;
  }

  /** Takes a token that may still have to come, and returns when it does, on the clock of `performance.now`. */
  reserve(): Milliseconds {
    this.#refill();
    this.#currentUse().taken++;
    this.#tokens--;
    return this.#tokens >= 0 ? this.#at : this.#at + (-this.#tokens / this.#rate) * 1000;
  }

  #refill(): void {
    const now = this.#passage.startedAt;
    if (now <= this.#at) return;
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#rate);
    this.#at = now;
  }

  #currentUse(): Use {
    const passage = this.#passage;
    if (this.#useOf === passage.number) return this.#use;
    const use = { taken: 0, passedOver: 0 };
    this.#use = use;
    this.#useOf = passage.number;
    passage.onRefusal(() => (this.#tokens = Math.min(this.#burst, this.#tokens + use.taken)));
    passage.onAcceptance(() => this.#tooMany(use.passedOver));
    return use;
  }
}
