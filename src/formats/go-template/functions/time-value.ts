import { formatDuration } from '../../../base/duration.ts';
import { civilTime, formatGoTime } from '../../../base/go-time-format.ts';
import { months, weekdays } from '../../../base/go-time-layout.ts';
import { ParseError } from '../../../base/parse-error.ts';
import { findTimeZone, utc, type TimeZone } from '../../../base/time-zone.ts';
import { object } from '../parameter.ts';
import { GoObject, int, int64, Integer, type Value } from '../value.ts';
import { refuse } from '../work.ts';

const nanosPerSecond = 1_000_000_000n;

const secondsOfYear1 = -62_135_596_800;

/** Dates of JavaScript reach that far on both sides of 1970. */
const maxSeconds = 8.64e12 - 86_400;

export function localZone(): TimeZone {
  const zone = findTimeZone('Local');
  return zone instanceof ParseError ? utc : zone;
}

type Method = (...args: readonly Value[]) => Value;

/** A point in time, as `time.Time` is. */
export class Time extends GoObject {
  readonly type = 'time.Time';
  readonly kind = 'struct';
  readonly seconds: number;
  readonly nanos: number;
  readonly zone: TimeZone;

  constructor(seconds: number, nanos: number, zone: TimeZone) {
    super();
    this.seconds = Math.max(-maxSeconds, Math.min(maxSeconds, seconds));
    this.nanos = nanos;
    this.zone = zone;
  }

  static now(): Time {
    const millis = Date.now();
    return new Time(Math.floor(millis / 1000), (millis % 1000) * 1e6, localZone());
  }

  /** What stands for a time that could not be read. */
  static zero(): Time {
    return new Time(secondsOfYear1, 0, utc);
  }

  get unixNanos(): bigint {
    return BigInt(this.seconds) * nanosPerSecond + BigInt(this.nanos);
  }

  plus(nanos: bigint): Time {
    const sum = this.unixNanos + nanos;
    const rest = ((sum % nanosPerSecond) + nanosPerSecond) % nanosPerSecond;
    return new Time(Number((sum - rest) / nanosPerSecond), Number(rest), this.zone);
  }

  in(zone: TimeZone): Time {
    return new Time(this.seconds, this.nanos, zone);
  }

  format(layout: string): string {
    return formatGoTime(this, layout, this.zone);
  }

  override toString(): string {
    return this.format('2006-01-02 15:04:05.999999999 -0700 MST');
  }

  override toJson(): string {
    return JSON.stringify(this.format('2006-01-02T15:04:05.999999999Z07:00'));
  }

  override method(name: string): Method | undefined {
    const create = Object.hasOwn(timeMethods, name) ? timeMethods[name] : undefined;
    return create === undefined ? undefined : (...args) => create(this, args);
  }
}

export const time = object('time.Time', Time);

function withoutArguments(read: (time: Time) => Value): (time: Time, args: readonly Value[]) => Value {
  return (value, args) => (args.length === 0 ? read(value) : refuse(`wrong number of args: want 0 got ${args.length}`));
}

function withTime(compare: (time: Time, other: Time) => Value): (time: Time, args: readonly Value[]) => Value {
  return (value, [other, ...more]) => {
    if (!(other instanceof Time) || more.length > 0) return refuse('wrong arguments; expected time.Time');
    return compare(value, other);
  };
}

const timeMethods: Readonly<Record<string, (time: Time, args: readonly Value[]) => Value>> = {
  Format: (value, [layout, ...more]) => {
    if (typeof layout !== 'string' || more.length > 0) return refuse('wrong arguments; expected string');
    return value.format(layout);
  },
  Unix: withoutArguments((value) => int64(BigInt(value.seconds))),
  UnixMilli: withoutArguments((value) => int64(value.unixNanos / 1_000_000n)),
  UnixMicro: withoutArguments((value) => int64(value.unixNanos / 1000n)),
  UnixNano: withoutArguments((value) => int64(value.unixNanos)),
  UTC: withoutArguments((value) => value.in(utc)),
  Local: withoutArguments((value) => value.in(localZone())),
  Year: withoutArguments((value) => int(civilTime(value, value.zone).year)),
  Month: withoutArguments((value) => {
    const { month } = civilTime(value, value.zone);
    return new NamedInteger('time.Month', 'int', BigInt(month), months[month - 1] ?? '');
  }),
  Day: withoutArguments((value) => int(civilTime(value, value.zone).day)),
  Weekday: withoutArguments((value) => {
    const { weekday } = civilTime(value, value.zone);
    return new NamedInteger('time.Weekday', 'int', BigInt(weekday), weekdays[weekday] ?? '');
  }),
  YearDay: withoutArguments((value) => int(civilTime(value, value.zone).yearDay)),
  Hour: withoutArguments((value) => int(civilTime(value, value.zone).hour)),
  Minute: withoutArguments((value) => int(civilTime(value, value.zone).minute)),
  Second: withoutArguments((value) => int(civilTime(value, value.zone).second)),
  Nanosecond: withoutArguments((value) => int(value.nanos)),
  IsZero: withoutArguments((value) => value.seconds === secondsOfYear1 && value.nanos === 0),
  String: withoutArguments(String),
  Before: withTime((value, other) => value.unixNanos < other.unixNanos),
  After: withTime((value, other) => value.unixNanos > other.unixNanos),
  Equal: withTime((value, other) => value.unixNanos === other.unixNanos),
  Sub: withTime((value, other) => durationOf(value.unixNanos - other.unixNanos)),
  AddDate: (value, args) => {
    const [years, months_, days] = args.map((arg) => (arg instanceof Integer ? Number(arg.value) : Number.NaN));
    if (args.length !== 3 || Number.isNaN(Number(years) + Number(months_) + Number(days))) {
      return refuse('wrong arguments; expected int, int, int');
    }
    const { year, month, day, offset } = civilTime(value, value.zone);
    const ofDay = (value.seconds + offset) % 86_400;
    const millis = Date.UTC(year + Number(years), month - 1 + Number(months_), day + Number(days));
    if (Number.isNaN(millis)) return refuse('the date is out of range');
    return new Time(millis / 1000 + ((ofDay + 86_400) % 86_400) - offset, value.nanos, value.zone);
  },
};

/** A number whose type has a name, as months and durations have. */
export class NamedInteger extends GoObject {
  readonly type: string;
  readonly kind: 'int' | 'int64';
  override readonly integer: bigint;
  readonly #text: string;
  readonly #methods: Readonly<Record<string, () => Value>>;

  constructor(
    type: string,
    kind: 'int' | 'int64',
    integer: bigint,
    text: string,
    methods: Readonly<Record<string, () => Value>> = {},
  ) {
    super();
    this.type = type;
    this.kind = kind;
    this.integer = integer;
    this.#text = text;
    this.#methods = { String: () => text, ...methods };
  }

  override toString(): string {
    return this.#text;
  }

  override toJson(): string {
    return String(this.integer);
  }

  override method(name: string): Method | undefined {
    return Object.hasOwn(this.#methods, name) ? this.#methods[name] : undefined;
  }
}

function durationOf(nanos: bigint): NamedInteger {
  const limited = BigInt.asIntN(64, nanos);
  const inSeconds = Number(limited) / 1e9;
  return new NamedInteger('time.Duration', 'int64', limited, formatDuration(Number(limited) / 1e6), {
    Seconds: () => inSeconds,
    Minutes: () => inSeconds / 60,
    Hours: () => inSeconds / 3600,
    Milliseconds: () => int64(limited / 1_000_000n),
    Microseconds: () => int64(limited / 1000n),
    Nanoseconds: () => int64(limited),
  });
}
