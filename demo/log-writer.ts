import { appendFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';

const paths = ['/', '/cart', '/checkout', '/search?q=shoes'];
const statuses = [200, 200, 200, 304, 404, 500];
const levels = ['info', 'info', 'debug', 'warn', 'error'];

/** Writes lines as a container runtime does, a few each second, and rotates the file when it has grown. */
export function startLogWriter(folder: string): void {
  const file = path.join(folder, '0.log');
  let count = 0;
  const write = (): void => {
    const stream = count % 7 === 0 ? 'stderr' : 'stdout';
    appendFileSync(file, `${new Date().toISOString()} ${stream} F ${body(count++)}\n`);
    if (statSync(file).size > 64 * 1024) renameSync(file, path.join(folder, '0.log.1'));
  };
  write();
  setInterval(write, 700).unref();
}

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T;
}

function body(count: number): string {
  if (count % 2 === 0) {
    const trace = Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join('');
    return JSON.stringify({ level: pick(levels), msg: `order ${count} handled`, trace_id: trace });
  }
  return `10.0.0.7 - - "GET ${pick(paths)} HTTP/1.1" ${pick(statuses)} ${Math.floor(Math.random() * 5000)}`;
}
