import type { Log } from '../../../base/log.ts';
import type { UnixArgs } from './fields.ts';
import type { HostFiles } from './host-files.ts';
import type { HostPaths } from './host-paths.ts';
import type { Samples } from './samples.ts';

/** One subject that the exporter knows of. */
export interface Collector {
  /** As in `disable_collectors`, and in the label `collector`. */
  readonly name: string;
  /** What it tells of. */
  readonly doc: string;
  /** Prepares for many scrapes without reading anything. What it remembers between scrapes lives as long as the result. */
  open(host: Host): Collect;
}

/**
 * Adds what there is now. It throws or rejects if that fails; what it added before stays. What is not there at all, such as
 * a kernel module that is not loaded, is told by a NoData or by the error of the missing file. Without a promise it is done.
 */
export type Collect = (samples: Samples) => Promise<void> | undefined | void;

/** What collectors look at, and how. */
export interface Host {
  readonly paths: HostPaths;
  readonly files: HostFiles;
  readonly args: UnixArgs;
  readonly log: Log;
  /** Whether another collector runs as well. */
  isEnabled(collector: string): boolean;
}

/** That there is nothing to tell, which is not a failure. */
export class NoData extends Error {
  override readonly name = 'NoData';
}
