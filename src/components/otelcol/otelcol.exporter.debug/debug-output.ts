import { appendFile } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { Log } from '../../../base/log.ts';
import { messageOf } from '../../../base/message-of.ts';
import type { DebugLines } from './debug-lines.ts';

/** Where lines go; settles when they are written. */
export type DebugOutput = (lines: DebugLines) => Promise<void> | void;

/** Writes to the log of the program. */
export function toLog(log: Log): DebugOutput {
  return ({ title, counts, items }) => {
    log.info(title, counts);
    for (const item of items) log.info('item', { otlp: item });
  };
}

/** Writes to files, or to the standard output where they are called `stdout` or `stderr`. What fails is logged once. */
export function toFiles(paths: readonly string[], log: Log): DebugOutput {
  const failing = new Set<string>();
  return async ({ title, counts, items }) => {
    const text = [`${title}\t${JSON.stringify(counts)}`, ...items, ''].join('\n');
    for (const path of paths) {
      try {
        await write(path, text);
        failing.delete(path);
      } catch (error) {
        if (!failing.has(path)) log.error('cannot write debug output', { path, error: messageOf(error) });
        failing.add(path);
      }
    }
  };
}

function write(path: string, text: string): Promise<void> {
  if (path === 'stdout') return writeTo(process.stdout, text);
  return path === 'stderr' ? writeTo(process.stderr, text) : appendFile(path, text);
}

function writeTo(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
