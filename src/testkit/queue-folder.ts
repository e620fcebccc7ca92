import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import * as files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DurableQueue, type DurableQueueOptions } from '../storage/durable-queue.ts';
import { errorCode, type FileSystem } from '../storage/file-system.ts';

/** Operations of open files that can fail or be counted. */
export type FileOperation = 'writev' | 'datasync' | 'truncate' | 'read';

/** A folder for a durable queue, on a disk that can fail. Close it with `await using`. */
export interface QueueFolder extends AsyncDisposable {
  /** Where the queue is; another place after a crash. */
  readonly path: string;
  /** What was reported. */
  readonly problems: string[];
  open(options?: Partial<DurableQueueOptions>): Promise<DurableQueueScope>;
  /** The queue that was opened last goes on with a folder of the past; the next one finds what is on the disk now. */
  crash(): void;
  /** How often each operation was done. */
  operations(): ReadonlyMap<string, number>;
  /** Lets operations fail from now on: with a code such as `ENOSPC`, half of the bytes are written before. */
  fail(operation: FileOperation | 'open' | 'mkdir' | 'rename', code: string | undefined): void;
}

export type DurableQueueScope = DurableQueue & AsyncDisposable;

export function queueFolder(place = tmpdir()): QueueFolder {
  const root = mkdtempSync(path.join(place, 'queue-'));
  const counts = new Map<string, number>();
  const failures = new Map<string, string>();
  const problems: string[] = [];
  const queues: DurableQueue[] = [];
  let generation = 0;
  const check = (operation: string): void => {
    counts.set(operation, (counts.get(operation) ?? 0) + 1);
    const code = failures.get(operation);
    if (code !== undefined) throw Object.assign(new Error(`${code}: ${operation} failed`), { code });
  };
  const failing: FileSystem = {
    ...files,
    mkdir: ((folder: string, options: object) => {
      check('mkdir');
      return files.mkdir(folder, options);
    }) as FileSystem['mkdir'],
    rename(from, to) {
      check('rename');
      return files.rename(from, to);
    },
    async open(file, flags, mode) {
      if (flags !== 'r') check('open');
      const handle = await files.open(file, flags, mode);
      return new Proxy(handle, {
        get(target, name) {
          const value: unknown = Reflect.get(target, name, target);
          if (typeof value !== 'function') return value;
          return async (...args: unknown[]) => {
            if (name === 'writev' && failures.has(name)) {
              const [buffers, position] = args as [Buffer[], number];
              const all = Buffer.concat(buffers);
              await target.write(all, 0, Math.floor(all.length / 2), position);
            }
            check(String(name));
            return (value as (...all: unknown[]) => unknown).apply(target, args);
          };
        },
      });
    },
  };
  return {
    get path() {
      return path.join(root, `${generation}`);
    },
    problems,
    async open(options) {
      const queue = await DurableQueue.open({
        directory: path.join(root, `${generation}`),
        maxBytes: 10_000_000,
        whenFull: 'refuse',
        files: failing,
        report: (problem) => problems.push(problem),
        ...options,
      });
      queues.push(queue);
      return Object.assign(queue, { [Symbol.asyncDispose]: () => queue.close() });
    },
    crash() {
      const before = path.join(root, `${generation++}`);
      const after = path.join(root, `${generation}`);
      mkdirSync(after);
      if (!existsSync(before)) return;
      for (const name of readdirSync(before)) {
        try {
          copyFileSync(path.join(before, name), path.join(after, name));
        } catch (error) {
          // The queue has just removed it.
          if (errorCode(error) !== 'ENOENT') throw error;
        }
      }
    },
    operations: () => counts,
    fail(operation, code) {
      if (code === undefined) failures.delete(operation);
      else failures.set(operation, code);
    },
    async [Symbol.asyncDispose]() {
      failures.clear();
      await Promise.all(queues.map((queue) => queue.close()));
      rmSync(root, { recursive: true });
    },
  };
}

/** Takes so many records, all if the number is not given. Damaged ones do not count. */
export async function takeAll(queue: DurableQueue, count = queue.records): Promise<string[]> {
  const texts: string[] = [];
  while (texts.length < count) {
    const record = await queue.take();
    if (record === undefined) break;
    texts.push(record.payload.toString());
  }
  return texts;
}
