const levels = ['experimental', 'public-preview', 'generally-available'] as const;

/** How settled a feature is. Users choose the least settled level that they accept. */
export type Stability = (typeof levels)[number];

/** Whether a feature is at least as settled as the minimum that was asked for. */
export function isAllowed(stability: Stability, minimum: Stability): boolean {
  return levels.indexOf(stability) >= levels.indexOf(minimum);
}
