import type { LogLevel } from '../../base/log.ts';
import { logs } from '../../model/signal.ts';
import { configBlock } from '../../runtime/config-block.ts';
import { string } from '../../schema/attributes.ts';
import { output } from '../../schema/receiver.ts';
import type { LogFormat } from './log-line.ts';
import type { Logger } from './logger.ts';

// An empty text means the default, as in Alloy.
const levels = new Map<string, LogLevel>([
  ['', 'info'],
  ['debug', 'debug'],
  ['info', 'info'],
  ['warn', 'warn'],
  ['error', 'error'],
]);
const formats = new Map<string, LogFormat>([
  ['', 'logfmt'],
  ['logfmt', 'logfmt'],
  ['json', 'json'],
]);
const destinations: ReadonlySet<string> = new Set(['', 'stderr']);

function unknown(what: string, value: string, known: { has(value: string): boolean }): string | undefined {
  return known.has(value) ? undefined : `unrecognized log ${what} ${JSON.stringify(value)}`;
}

/** The `logging` block, which configures a logger. */
export function loggingBlock(logger: Logger) {
  return configBlock({
    name: 'logging',
    stability: 'generally-available',
    doc: 'Configures the log of the program itself.',
    example: `logging {
  level  = "info"
  format = "logfmt"
}
`,
    arguments: {
      level: string('The least important lines to write: debug, info, warn or error.')
        .default('info')
        .check((value) => unknown('level', value, levels)),
      format: string('How lines are written: logfmt or json.')
        .default('logfmt')
        .check((value) => unknown('format', value, formats)),
      destination: string('Where lines are written: stderr.')
        .default('stderr')
        .check((value) =>
          value === 'windows_event_log'
            ? `log destination ${JSON.stringify(value)} is not supported`
            : unknown('destination', value, destinations),
        ),
      write_to: output(
        'Receivers that get the lines too, labelled with `component="alloy"`. Lines of the components behind them are left out, and lines that they do not take at once are dropped.',
        logs,
      ).optional(),
    },
    apply: ({ level, format, write_to: writeTo }) =>
      logger.configure({
        level: levels.get(level) ?? 'info',
        format: formats.get(format) ?? 'logfmt',
        writeTo,
      }),
  });
}
