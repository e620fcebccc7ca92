import type { GoRegexp } from '../../../base/go-regexp/go-regexp.ts';

/** Whether a device is to be left out. A pattern that is empty excludes nothing, or includes everything. */
export function isIgnored(name: string, exclude: GoRegexp, include: GoRegexp): boolean {
  return (exclude.source !== '' && exclude.test(name)) || (include.source !== '' && !include.test(name));
}

/** Whether a pattern that was given matches. */
export function isMatch(name: string, pattern: GoRegexp): boolean {
  return pattern.source !== '' && pattern.test(name);
}
