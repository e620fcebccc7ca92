import type { Milliseconds } from '../../base/duration.ts';

/** Services of the machine answer at once; where there are none, nobody does. */
export const metadataTimeout: Milliseconds = 5000;
