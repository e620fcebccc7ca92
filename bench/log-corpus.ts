import { closeSync, openSync, writeSync } from 'node:fs';

export type Random = () => number;

/** A generator of random numbers that gives the same ones in every run (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const levels = ['info', 'info', 'info', 'debug', 'warn', 'error'];
const statuses = [200, 200, 200, 201, 204, 301, 404, 500, 503];
const paths = [
  '/api/v1/orders',
  '/api/v1/users/42',
  '/healthz',
  '/static/app.js',
  '/checkout?step=2',
  '/search?q=shoes',
];
const words =
  'request handled cache miss for key retry upstream connection reset by peer while reading response header'.split(' ');

export function hex(random: Random, length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
}

/** The body of a log line: a third each is JSON, an access log, and plain text. */
export function podLogBody(random: Random): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  switch (Math.floor(random() * 3)) {
    case 0:
      return JSON.stringify({
        time: `2026-01-02T03:04:${String(Math.floor(random() * 60)).padStart(2, '0')}.${Math.floor(random() * 1e6)}Z`,
        level: pick(levels),
        logger: 'com.example.orders.OrderService',
        msg: `order ${Math.floor(random() * 1e6)} processed`,
        trace_id: hex(random, 32),
        duration_ms: Math.floor(random() * 5000) / 10,
        customer: { id: Math.floor(random() * 1e5), tier: pick(['gold', 'silver']) },
      });
    case 1:
      return `10.2.${Math.floor(random() * 255)}.7 - - "GET ${pick(paths)} HTTP/1.1" ${pick(statuses)} ${Math.floor(random() * 90_000)} "-" "Mozilla/5.0 (X11; Linux x86_64)"`;
    default:
      return `${pick(levels).toUpperCase()} [worker-${Math.floor(random() * 16)}] ${Array.from({ length: 14 }, () => pick(words)).join(' ')}`;
  }
}

/** A line as container runtimes write it. */
export function criLine(random: Random, index: number, body: string): string {
  const second = String(Math.floor(index / 1000) % 60).padStart(2, '0');
  const nanos = String((index % 1000) * 1_000_000 + 123).padStart(9, '0');
  const stream = random() < 0.9 ? 'stdout' : 'stderr';
  return `2026-01-02T03:04:${second}.${nanos}Z ${stream} F ${body}`;
}

/** Writes lines to a file. Returns its size in bytes. */
export function writeLines(path: string, count: number, line: (index: number) => string): number {
  const file = openSync(path, 'w');
  let size = 0;
  let chunk: string[] = [];
  const flush = (): void => {
    size += writeSync(file, chunk.join(''));
    chunk = [];
  };
  for (let index = 0; index < count; index++) {
    chunk.push(`${line(index)}\n`);
    if (chunk.length === 10_000) flush();
  }
  flush();
  closeSync(file);
  return size;
}
