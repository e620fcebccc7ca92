import type { Milliseconds } from '../../base/duration.ts';
import type { Labels } from '../../model/labels.ts';

/** How often discovered targets are exported at most, as in Alloy. */
const exportPeriod: Milliseconds = 5000;

type Targets = readonly Labels[];

/** Passes on changed targets: the first at once, and of those that follow the latest at the end of each period. */
export class TargetExport {
  readonly #pass: (targets: Targets) => void;
  #passed: Targets = [];
  #next: Targets = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(pass: (targets: Targets) => void) {
    this.#pass = pass;
  }

  /** Takes note of targets that were exported in another way. */
  begin(targets: Targets): void {
    this.#passed = targets;
    this.#next = targets;
  }

  set(targets: Targets): void {
    this.#next = targets;
    if (this.#timer === undefined) this.#passNext();
  }

  /** Passes nothing on any more. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #passNext(): void {
    this.#timer = undefined;
    const targets = this.#next;
    if (sameTargets(targets, this.#passed)) return;
    this.#passed = targets;
    this.#timer = setTimeout(() => this.#passNext(), exportPeriod);
    this.#pass(targets);
  }
}

function sameTargets(a: Targets, b: Targets): boolean {
  return a.length === b.length && a.every((labels, index) => b[index]?.equals(labels) === true);
}
