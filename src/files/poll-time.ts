import type { Milliseconds } from '../base/duration.ts';

/** For so long after a change, a file counts as active. */
const activeTime: Milliseconds = 10_000;

/** The longest time between two looks at a file whose changes are told. */
const watchedPollTime: Milliseconds = 120_000;

/** The longest time between two looks at an idle file whose changes are not told. */
const unwatchedPollTime: Milliseconds = 5000;

/** The longest time between two looks at a path that names nothing. */
const missingPollTime: Milliseconds = 10_000;

/** The same while a path names nothing since rotation may be under way. */
const rotationPollTime: Milliseconds = 1000;

/** For so long a path that names nothing any more may be in the middle of rotation. */
const rotationTime: Milliseconds = 60_000;

/** What is known of a file when it was looked at. */
export interface Idleness {
  /** Since when nothing has happened to it. */
  readonly idleTime: Milliseconds;
  /** Whether changes are told by the file system, so that looking is only a precaution. */
  readonly isWatched: boolean;
  /** Whether the path names nothing, and whether it has named something before. */
  readonly absence: 'none' | 'after_file' | 'always';
}

/**
 * How long to wait before a file is looked at again: from `min` to `max` while it is active, and longer the longer it is
 * idle. The times grow with the idle time, so that neither timers nor counters are needed.
 */
export function pollTime(
  { idleTime, isWatched, absence }: Idleness,
  min: Milliseconds,
  max: Milliseconds,
): Milliseconds {
  if (absence !== 'none') {
    const isRotating = absence === 'after_file' && !isWatched && idleTime < rotationTime;
    return clamp(idleTime / 2, min, isRotating ? Math.max(rotationPollTime, max) : Math.max(missingPollTime, max));
  }
  if (isWatched) return clamp(idleTime, min, Math.max(watchedPollTime, max));
  if (idleTime < activeTime) return clamp(idleTime, min, max);
  return clamp(idleTime / 4, max, Math.max(unwatchedPollTime, max));
}

function clamp(time: Milliseconds, min: Milliseconds, max: Milliseconds): Milliseconds {
  return Math.min(Math.max(time, min), max);
}
