/** How deeply data from outside may be nested, so that code which follows it down cannot exhaust the stack. */
export const maxNesting = 500;

/**
 * Whether plain data is nested deeper than `maxNesting`, as data that contains itself is, or has more parts than given.
 * Shared parts count as often as something refers to them.
 */
export function exceedsLimits(data: unknown, maxParts = Infinity): boolean {
  let parts = 0;
  const exceeds = (part: unknown, depth: number): boolean => {
    parts++;
    if (parts > maxParts) return true;
    if (typeof part !== 'object' || part === null) return false;
    return depth >= maxNesting || Object.values(part).some((inner) => exceeds(inner, depth + 1));
  };
  return exceeds(data, 0);
}
