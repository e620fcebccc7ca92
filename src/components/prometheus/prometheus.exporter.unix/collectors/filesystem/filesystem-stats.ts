import { statfsSync, type StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { Milliseconds } from '../../../../../base/duration.ts';
import type { Log } from '../../../../../base/log.ts';
import { codeOf } from '../../absence.ts';

export type FilesystemStat = Pick<StatsFs, 'bsize' | 'blocks' | 'bfree' | 'bavail' | 'files' | 'ffree'>;

/** A mounted filesystem, by the path at which this process can reach it. */
export interface Place {
  readonly path: string;
  readonly fstype: string;
  /** Whether the answer is in memory, so that it can be asked without another thread. */
  readonly isQuick?: boolean;
}

/** Filesystems that count in memory what they have. */
const quickTypes: ReadonlySet<string> = new Set(['ext2', 'ext3', 'ext4', 'ramfs', 'tmpfs']);

/** Whether asking a filesystem waits for nothing, neither for itself nor for those it is mounted in. */
export function isQuickToAsk(fstype: string, within: readonly string[]): boolean {
  return quickTypes.has(fstype) && !within.some((outer) => outer === 'autofs' || remoteTypes.test(outer));
}

/** Filesystems that can keep a question waiting for as long as another machine or process likes. */
const remoteTypes =
  /^(?:nfs|cifs|smb|fuse|ceph|9p|afs|ncp|coda|gluster|lustre|ocfs2|gfs2|orangefs|beegfs|davfs|virtiofs)/;

/** A question that hangs takes one of the few threads that all file access of the program shares. */
const maxStuck = 2;

const timedOut = 'mountpoint timeout';

/**
 * Asks filesystems for their statistics. One that does not answer in time counts as stuck and is not asked again until it
 * has; while there are several of those, no other remote filesystem is asked.
 */
export class FilesystemStats {
  readonly #timeout: Milliseconds;
  readonly #log: Log;
  readonly #ask: (path: string) => Promise<FilesystemStat>;
  readonly #stuck = new Set<string>();

  constructor(timeout: Milliseconds, log: Log, ask: (path: string) => Promise<FilesystemStat> = statfs) {
    this.#timeout = timeout;
    this.#log = log;
    this.#ask = ask;
  }

  /** The statistics, or why there are none, in the order of the places. Local filesystems are asked first. */
  async of(places: readonly Place[]): Promise<readonly (FilesystemStat | string)[]> {
    const results: (FilesystemStat | string)[] = places.map(() => timedOut);
    const order = [...places.entries()].toSorted(([, a], [, b]) => Number(isRemote(a)) - Number(isRemote(b)));
    for (const [index, place] of order)
      results[index] = place.isQuick === true ? statAtOnce(place.path) : await this.#statOf(place);
    return results;
  }

  async #statOf(place: Place): Promise<FilesystemStat | string> {
    const { path } = place;
    if (this.#stuck.has(path) || (isRemote(place) && this.#stuck.size >= maxStuck)) return timedOut;
    const asked = this.#ask(path).catch((error: unknown) => errorText(error));
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), this.#timeout);
    const result = await Promise.race([asked, late]);
    clearTimeout(timer);
    if (result !== undefined) return result;
    this.#stuck.add(path);
    this.#log.warn('a filesystem does not answer', { path });
    void asked.then(() => {
      this.#stuck.delete(path);
      this.#log.info('a filesystem answers again', { path });
    });
    return timedOut;
  }
}

function statAtOnce(path: string): FilesystemStat | string {
  try {
    return statfsSync(path);
  } catch (error) {
    return errorText(error);
  }
}

function isRemote({ fstype }: Place): boolean {
  return remoteTypes.test(fstype);
}

/** The texts of the system for what happens to mounts; the code where it is something else. */
const errorTexts: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'operation not permitted'],
  ['ENOENT', 'no such file or directory'],
  ['ENOTDIR', 'not a directory'],
  ['EIO', 'input/output error'],
  ['ESTALE', 'stale file handle'],
  ['ENOTCONN', 'transport endpoint is not connected'],
  ['EHOSTDOWN', 'host is down'],
  ['ENODEV', 'no such device'],
  ['ELOOP', 'too many levels of symbolic links'],
]);

function errorText(error: unknown): string {
  const code = codeOf(error);
  return errorTexts.get(code) ?? (code === '' ? 'unknown error' : code);
}
