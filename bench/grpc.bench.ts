import path from 'node:path';
import { GrpcClient, type GrpcCompression } from '../src/net/grpc/grpc-client.ts';
import { noProxy } from '../src/net/proxy.ts';
import { MeasuredProcess } from './measured-process.ts';

/** As `bin/millrace` has them. */
const flags = ['--max-semi-space-size=2', '--no-parallel-scavenge', '--heap-growing-percent=100'];

const warmUp = 800;
const duration = 1200;
const method = '/bench.Sink/Take';

/** Sends messages from this process to another over gRPC, and prints what that costs each side. */
export async function run(): Promise<void> {
  const sink = new MeasuredProcess([...flags, path.join(import.meta.dirname, 'grpc-sink.ts')]);
  const port = await sink.message<number>();
  for (const [size, compression] of [
    [200_000, undefined],
    [20_000, undefined],
    [200_000, 'gzip'],
    [200_000, 'zstd'],
  ] as const)
    console.log(await measure(size, compression, port, sink));
  await sink.stop();
}

async function measure(
  size: number,
  compression: GrpcCompression | undefined,
  port: number,
  sink: MeasuredProcess,
): Promise<string> {
  const client = new GrpcClient({
    target: { host: '127.0.0.1', port },
    balancing: 'pick_first',
    tls: undefined,
    proxy: noProxy(),
    pings: undefined,
    authority: '',
    userAgent: 'bench',
    compression,
    waitsForReady: true,
    maxResponseBytes: 1_000_000,
  });
  const message = messageOf(size);
  const stop = new AbortController();
  let calls = 0;
  const load = Array.from({ length: 8 }, async () => {
    const request = { path: method, message, headers: {}, timeout: 30_000, signal: new AbortController().signal };
    while (!stop.signal.aborted) {
      await client.call(request);
      calls++;
    }
  });
  await pause(warmUp);
  const before = [ownCpu(), sink.cpuSeconds(), calls] as const;
  await pause(duration);
  const after = [ownCpu(), sink.cpuSeconds(), calls] as const;
  stop.abort();
  await Promise.all(load);
  client.close();
  const megabytes = ((after[2] - before[2]) * size) / 1e6;
  const [sending, taking] = [after[0] - before[0], after[1] - before[1]];
  const rate = (seconds: number): string => `${Math.round(megabytes / seconds)} MB/CPU-s`;
  const name = `${size / 1000} kB ${compression ?? 'plain'}`;
  return `${name}: send ${rate(sending)}, take ${rate(taking)}, both ${rate(sending + taking)}`;
}

/** Four parts with ids and texts, which compress about as spans do. */
function messageOf(size: number): Buffer[] {
  const bytes = Buffer.alloc(size);
  let seed = 1;
  for (let at = 0; at < size;) {
    at += bytes.write(`GET /api/users/${at % 997} http.status_code 200 frontend`, at, 'latin1');
    for (let count = 0; count < 24 && at < size; count++) {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
      bytes[at++] = seed >>> 24;
    }
  }
  const quarter = size / 4;
  return [0, 1, 2, 3].map((part) => bytes.subarray(part * quarter, (part + 1) * quarter));
}

function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function pause(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}
