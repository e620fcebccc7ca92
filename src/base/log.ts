/** Values that a log line carries beside its message. */
export type LogFields = Readonly<Record<string, string | number | boolean | bigint | undefined | Error>>;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/**
 * Where log lines go. The message is constant text, everything that varies is a field, and secrets are never fields.
 * error: a person must act; warn: it went wrong and the program went on; a cause that lasts is logged once, not each time.
 */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A log whose lines all carry these fields. */
  with(fields: LogFields): Log;
}

/** Makes a log of one function that takes the lines. */
export function logTo(
  write: (level: LogLevel, message: string, fields: LogFields) => void,
  context: LogFields = {},
): Log {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void =>
      write(level, message, { ...context, ...fields });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => logTo(write, { ...context, ...fields }),
  };
}

/** A log that nobody reads. */
export const noLog: Log = logTo(() => undefined);
