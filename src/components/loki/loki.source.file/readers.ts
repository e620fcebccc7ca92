import type { Log } from '../../../base/log.ts';
import { ParseError } from '../../../base/parse-error.ts';
import type { Checkpoint } from '../../../files/checkpoint.ts';
import { CompressedFile } from '../../../files/compressed-file.ts';
import { FileEvents } from '../../../files/file-events.ts';
import { HandlePool } from '../../../files/file-handles.ts';
import { findEncoding, noEncoding } from '../../../files/line-encoding.ts';
import type { LineReader, LineReceiver } from '../../../files/line-receiver.ts';
import { LookSchedule } from '../../../files/look-schedule.ts';
import { ReadGate } from '../../../files/read-gate.ts';
import { usualLimits, type ReaderSettings } from '../../../files/reader-settings.ts';
import { Tail } from '../../../files/tail.ts';
import type { FileSourceArguments } from './fields.ts';
import type { FileSourceMeters } from './metrics.ts';

/** How many chunks may be read and not accepted yet, of all files together. */
const maxChunks = 16;

/** How many idle files stay open. */
const maxIdleHandles = 256;

/** How many files are decompressed at the same time. */
const maxPasses = 4;

/** Makes the readers of one component, and owns what they share. */
export class Readers {
  readonly #schedule = new LookSchedule();
  readonly #events: FileEvents;
  readonly #gate = new ReadGate(maxChunks);
  readonly #passes = new ReadGate(maxPasses);
  readonly #handles: HandlePool;
  /** Settings by the arguments they were made of, so that many readers share them. */
  readonly #settings = new WeakMap<FileSourceArguments, ReaderSettings>();
  #isPollingTold = false;

  constructor({ log, metrics }: { readonly log: Log; readonly metrics: FileSourceMeters }) {
    this.#handles = new HandlePool(maxIdleHandles, (count) => metrics.openFiles.set(count));
    this.#events = new FileEvents((directory, reason) => {
      if (this.#isPollingTold) return;
      this.#isPollingTold = true;
      log.warn('cannot be told of changes of files, idle ones are polled slowly', { directory, reason });
    });
  }

  /** A reader of one file that goes on where an earlier run has stopped. */
  open(path: string, from: Checkpoint | undefined, args: FileSourceArguments, receiver: LineReceiver): LineReader {
    let settings = this.#settings.get(args);
    if (settings === undefined) this.#settings.set(args, (settings = this.#settingsOf(args)));
    const { decompression } = args;
    if (decompression?.enabled !== true) return new Tail(path, from, settings, receiver);
    const { format: compression, initial_delay: initialDelay } = decompression;
    return new CompressedFile(path, from, { ...settings, compression, initialDelay, passes: this.#passes }, receiver);
  }

  close(): void {
    this.#schedule.close();
    this.#events.close();
  }

  #settingsOf(args: FileSourceArguments): ReaderSettings {
    const encoding = findEncoding(args.encoding);
    return {
      ...usualLimits,
      // Unknown ones were refused before.
      encoding: encoding instanceof ParseError ? noEncoding : encoding,
      startsAtEnd: args.tail_from_end,
      minPollTime: args.file_watch.min_poll_frequency,
      maxPollTime: args.file_watch.max_poll_frequency,
      schedule: this.#schedule,
      events: this.#events,
      gate: this.#gate,
      handles: this.#handles,
    };
  }
}
