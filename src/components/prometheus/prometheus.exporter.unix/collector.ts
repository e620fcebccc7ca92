import type { Log } from '../../../base/log.ts';
import type { UnixArgs } from './fields.ts';
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
 * Adds what there is now. It rejects if that fails; what it added before stays. What is not there at all, such as a
 * kernel module that is not loaded, is told by a NoData or by the error of the missing file.
 */
export type Collect = (samples: Samples) => Promise<void>;

/** What collectors look at, and how. */
export interface Host {
  readonly paths: HostPaths;
  readonly args: UnixArgs;
  readonly log: Log;
  /** Whether another collector runs as well. */
  isEnabled(collector: string): boolean;
}

/** That there is nothing to tell, which is not a failure. */
export class NoData extends Error {
  override readonly name = 'NoData';
}
