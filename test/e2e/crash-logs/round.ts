import { between, shuffled, type Random } from './random.ts';

/** How the receiver treats requests. */
export type Mode = 'up' | 'slow' | '500' | '429' | 'hang' | 'down';

/** Something that happens some time after the collector was started, or was ready. */
export interface Event {
  readonly at: number;
  /** The mode that the receiver changes to, or the file that is rotated. */
  readonly what: { readonly mode: Mode } | { readonly rotate: number };
}

/** From the start of a collector until the next one. It is drawn before anything happens, so that it can be repeated. */
export interface Round {
  readonly mode: Mode;
  readonly events: readonly Event[];
  readonly signal: 'SIGKILL' | 'SIGTERM';
  /** Whether the collector is killed while it starts, and not some time after it is ready. */
  readonly isEarly: boolean;
  readonly killAfter: number;
  /** Files that are rotated before the next collector starts, some more than once. */
  readonly rotationsAfter: readonly number[];
  readonly downTime: number;
}

const modes: readonly Mode[] = ['up', 'slow', '500', '429', 'hang', 'down'];

/** The rounds of a run. All modes come about equally often. */
export function drawRounds(random: Random, count: number, files: number): Round[] {
  let deck: Mode[] = [];
  return Array.from({ length: count }, (_, index) => {
    if (deck.length === 0) deck = shuffled(random, modes);
    return drawRound(random, deck.pop() ?? 'up', index, files);
  });
}

function drawRound(random: Random, mode: Mode, index: number, files: number): Round {
  const isEarly = random() < 0.1;
  const killAfter = isEarly ? between(random, 0, 600) : between(random, 0, 1500);
  // Files that are replaced twice between two looks of the collector are beyond what it promises; hence one each.
  const rotated = shuffled(
    random,
    Array.from({ length: files }, (_, file) => file),
  ).slice(0, between(random, 0, 3));
  const events: Event[] = rotated.map((rotate) => ({ at: between(random, 0, killAfter), what: { rotate } }));
  // Failures pass, or come after some time.
  const isHealed = mode !== 'up' && random() < 0.6;
  const other: Mode = isHealed ? 'up' : (modes[between(random, 0, modes.length)] ?? 'up');
  if (random() < 0.7) events.push({ at: between(random, 0, killAfter), what: { mode: other } });
  return {
    mode,
    events: events.toSorted((a, b) => a.at - b.at),
    signal: index % 2 === 0 || random() < 0.3 ? 'SIGKILL' : 'SIGTERM',
    isEarly,
    killAfter,
    rotationsAfter: Array.from({ length: between(random, 0, 3) }, () => between(random, 0, files)),
    downTime: between(random, 0, 300),
  };
}
