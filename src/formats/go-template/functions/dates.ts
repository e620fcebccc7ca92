import { formatDuration, parseDuration } from '../../../base/duration.ts';
import { compileTimeLayout } from '../../../base/go-time.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { findTimeZone, utc } from '../../../base/time-zone.ts';
import { any, text } from '../parameter.ts';
import { fixed, type FunctionTable } from '../template-function.ts';
import { Integer, type Value } from '../value.ts';
import { refuse } from '../work.ts';
import { parseDecimal } from './convert.ts';
import { localZone, time, Time } from './time-value.ts';

const isoDate = '2006-01-02';

const dateInZone = fixed([text, any, text], (layout, value, zone) => formatIn(zone, layout, value));
const dateModify = fixed([text, time], (duration, value) => {
  const changed = modified(value, duration);
  return changed instanceof ParseError ? value : changed;
});
const mustDateModify = fixed([text, time], (duration, value) => {
  const changed = modified(value, duration);
  return changed instanceof ParseError ? refuse(changed.message) : changed;
});

export const dates: FunctionTable = {
  now: fixed([], () => Time.now()),
  date: fixed([text, any], (layout, value) => formatIn('Local', layout, value)),
  dateInZone,
  date_in_zone: dateInZone,
  htmlDate: fixed([any], (value) => formatIn('Local', isoDate, value)),
  htmlDateInZone: fixed([any, text], (value, zone) => formatIn(zone, isoDate, value)),
  dateModify,
  date_modify: dateModify,
  mustDateModify,
  must_date_modify: mustDateModify,
  toDate: fixed([text, text], (layout, s) => parsed(layout, s) ?? Time.zero()),
  mustToDate: fixed([text, text], (layout, s) => {
    return parsed(layout, s) ?? refuse(`parsing time ${JSON.stringify(s)} as ${JSON.stringify(layout)}: cannot parse`);
  }),
  unixEpoch: fixed([time], ({ seconds }) => String(seconds)),
  ago: fixed([any], (value) => {
    const elapsed = Time.now().unixNanos - timeOf(value).unixNanos;
    return formatDuration(Math.round(Number(elapsed) / 1e9) * 1000);
  }),
  duration: fixed([any], (value) => {
    const isInt64 = value instanceof Integer && value.type === 'int64';
    const seconds = typeof value === 'string' ? parseDecimal(value) : isInt64 ? value.value : 0n;
    return formatDuration(Number(BigInt.asIntN(64, (seconds ?? 0n) * 1_000_000_000n)) / 1e6);
  }),
  durationRound: fixed([any], (value) => roundedDuration(nanosOf(value))),
};

function formatIn(zone: string, layout: string, value: Value): string {
  const found = findTimeZone(zone);
  return timeOf(value)
    .in(found instanceof ParseError ? utc : found)
    .format(layout);
}

/** Integers are seconds since 1970; what is no time stands for now. */
function timeOf(value: Value): Time {
  if (value instanceof Time) return value;
  const isSeconds = value instanceof Integer && (value.type === 'int' || value.type === 'int64');
  return isSeconds ? new Time(Number(value.value), 0, localZone()) : Time.now();
}

function modified(value: Time, duration: string): Time | ParseError {
  const millis = parseDuration(duration);
  return millis instanceof ParseError ? millis : value.plus(BigInt(Math.round(millis * 1e6)));
}

function parsed(layout: string, s: string): Time | undefined {
  const out = { seconds: 0, nanos: 0 };
  const zone = localZone();
  // A year that the layout does not have is 0 here, while log lines mean one near to now.
  const [fullLayout, full] = layout.includes('06') ? [layout, s] : [`${layout} 2006`, `${s} 0000`];
  return compileTimeLayout(fullLayout, zone)(full, out, Date.now())
    ? new Time(out.seconds, out.nanos, zone)
    : undefined;
}

function nanosOf(value: Value): number {
  if (typeof value === 'string') {
    const millis = parseDuration(value);
    return millis instanceof ParseError ? 0 : millis * 1e6;
  }
  if (value instanceof Integer && value.type === 'int64') return Number(value.value);
  return value instanceof Time ? Number(Time.now().unixNanos - value.unixNanos) : 0;
}

const hour = 3600e9;

const roundUnits: readonly (readonly [nanos: number, name: string])[] = [
  [365 * 24 * hour, 'y'],
  [30 * 24 * hour, 'mo'],
  [24 * hour, 'd'],
  [hour, 'h'],
  [60e9, 'm'],
  [1e9, 's'],
];

/** In the largest unit that fits more than once. */
function roundedDuration(nanos: number): string {
  const magnitude = Math.abs(nanos);
  const [size = 1, name = ''] = roundUnits.find(([length]) => magnitude > length) ?? [];
  return name === '' ? '0s' : `${Math.floor(magnitude / size)}${name}`;
}
