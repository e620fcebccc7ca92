import { logTo, type Log, type LogLevel } from '../../base/log.ts';
import { counter, openMetrics, type MetricFamily } from '../../component/metrics.ts';
import type { Consumer } from '../../flow/delivery.ts';
import type { LogBatch } from '../../model/log-batch.ts';
import { LogForwarder } from './log-forwarder.ts';
import { formatRecord, type LogFormat, type LogRecord } from './log-line.ts';

/** Lines kept until the configuration says what becomes of them. */
const maxEarly = 1000;

export const loggingMetrics = {
  dropped: counter(
    'millrace_log_lines_dropped_total',
    'Lines of the own log that were not written, or not sent to the pipeline in `write_to`.',
    ['reason'],
  ),
};

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly writeTo: Consumer<LogBatch> | undefined;
}

const severity: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** The log of the program. Lines are kept until it is configured for the first time. */
export class Logger {
  readonly log: Log;
  readonly #write: (text: string) => void;
  readonly #metrics = openMetrics(loggingMetrics);
  #settings: LogSettings = { level: 'info', format: 'logfmt', writeTo: undefined };
  #early: LogRecord[] | undefined = [];
  #forwarder: LogForwarder | undefined;
  #pipeline: () => ReadonlySet<string> = () => new Set();

  /** `write` takes whole lines. */
  constructor(write: (text: string) => void) {
    this.#write = write;
    this.log = logTo((level, message, fields) => this.#add({ time: Date.now(), level, message, fields }));
  }

  configure(settings: LogSettings): void {
    this.#settings = settings;
    this.#forwarder?.close();
    this.#forwarder =
      settings.writeTo && new LogForwarder(settings.writeTo, () => this.#pipeline(), this.#metrics.meters.dropped);
    this.flush();
  }

  /** Sets what tells the IDs of the components that `write_to` leads to. */
  setPipeline(pipeline: () => ReadonlySet<string>): void {
    this.#pipeline = pipeline;
  }

  /** Writes what was kept, and keeps nothing from now on. */
  flush(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const record of early) this.#add(record);
  }

  collect(): readonly MetricFamily[] {
    return this.#metrics.collect();
  }

  #add(record: LogRecord): void {
    if (this.#early !== undefined) {
      if (this.#early.length < maxEarly) this.#early.push(record);
      else this.#metrics.meters.dropped.with('not_configured').inc();
      return;
    }
    const { level, format } = this.#settings;
    if (severity[record.level] < severity[level]) return;
    const line = formatRecord(record, format);
    this.#write(`${line}\n`);
    this.#forwarder?.add(record, line);
  }
}
