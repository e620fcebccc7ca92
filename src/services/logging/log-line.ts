import type { LogFields, LogLevel } from '../../base/log.ts';

/** A line of the log before it is text. */
export interface LogRecord {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

export type LogFormat = 'logfmt' | 'json';

/** A record as one line, without the line break at its end: `ts`, `level`, `msg`, then the fields. */
export function formatRecord({ time, level, message, fields }: LogRecord, format: LogFormat): string {
  const pairs: [string, string | number | boolean][] = [
    ['ts', new Date(time).toISOString()],
    ['level', level],
    ['msg', message],
  ];
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (value instanceof Error) pairs.push([name, value.message]);
    else pairs.push([name, typeof value === 'bigint' ? value.toString() : value]);
  }
  if (format === 'json') return JSON.stringify(Object.fromEntries(pairs));
  return pairs.map(([name, value]) => `${name}=${logfmtValue(String(value))}`).join(' ');
}

function logfmtValue(text: string): string {
  // Anything but control characters, spaces, quotes and equals signs.
  return /^[!#-<>-~\u0080-\uffff]+$/.test(text) ? text : JSON.stringify(text);
}
