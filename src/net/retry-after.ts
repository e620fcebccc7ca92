import type { Milliseconds } from '../base/duration.ts';

/** How long a `Retry-After` header asks to wait: seconds, or a date. Undefined if it is missing or neither. */
export function retryAfter(header: string | undefined, now: number): Milliseconds | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  // All forms of dates in HTTP begin with the name of the day, and Date.parse takes much that is none.
  const date = /^\s*[A-Z][a-z]{2}/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
