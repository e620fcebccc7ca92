/**
 * A point in time: seconds since 1970 in UTC, negative before, and 0 to 999,999,999 nanoseconds after that second.
 * Parsers write into one that the caller owns and reuses.
 */
export interface Instant {
  seconds: number;
  nanos: number;
}
