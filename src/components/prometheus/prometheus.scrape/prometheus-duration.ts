import type { Milliseconds } from '../../../base/duration.ts';
import { ParseError } from '../../../base/parse-error.ts';

const pattern = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const day = 86_400_000;
const units: readonly Milliseconds[] = [365 * day, 7 * day, day, 3_600_000, 60_000, 1000, 1];
/** The longest that 64 bits of nanoseconds hold. */
const longest = 2 ** 63 / 1e6;

/** Reads a duration as Prometheus writes it: whole numbers with units from large to small, such as `1d2h3m4s5ms`. */
export function parsePrometheusDuration(text: string): Milliseconds | ParseError {
  if (text === '0') return 0;
  const parts = text === '' ? null : pattern.exec(text);
  if (parts === null) return new ParseError(`${JSON.stringify(text)} is not a valid duration such as "1m30s"`);
  const sum = units.reduce((time, unit, index) => time + unit * Number(parts[index + 1] ?? 0), 0);
  return sum > longest ? new ParseError(`${JSON.stringify(text)} is too long a duration`) : sum;
}

/** Writes a duration as Prometheus does. */
export function formatPrometheusDuration(duration: Milliseconds): string {
  let rest = Math.round(duration);
  if (rest === 0) return '0s';
  let text = '';
  for (const [index, name] of ['y', 'w', 'd', 'h', 'm', 's', 'ms'].entries()) {
    const unit = units[index] ?? 1;
    // Years, weeks and days only if nothing is left of them.
    if (rest < unit || (index < 3 && rest % unit !== 0)) continue;
    text += `${Math.floor(rest / unit)}${name}`;
    rest %= unit;
  }
  return text;
}
