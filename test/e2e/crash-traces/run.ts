import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChildProgram } from '../../../src/testkit/child-program.ts';
import { randomFrom } from '../crash-logs/random.ts';
import { drawRounds, type Round } from '../crash-logs/round.ts';
import { startBackend, type Backend } from './backend.ts';
import { NumberedClients } from './client.ts';
import { configOf, type Protocol } from './config.ts';

export interface CrashOptions {
  /** An empty folder for everything. It belongs to the caller, who may want to look at it. */
  readonly folder: string;
  readonly seed: number;
  readonly kills: number;
  readonly protocol: Protocol;
  /** No kill comes after so many milliseconds. */
  readonly maxTime: number;
}

export interface CrashReport {
  readonly seed: number;
  readonly kills: number;
  readonly sigkills: number;
  /** Spans that clients were told are accepted. */
  readonly acknowledged: number;
  /** Those of them that the backend never got. */
  readonly lost: readonly number[];
  /** Spans that it got more than once. */
  readonly duplicates: number;
}

/** What does not end by itself after SIGTERM is killed, as Kubernetes does it. */
const gracePeriod = 4000;
const startTime = 60_000;
/** How long nothing may arrive at the end before what is missing counts as lost. */
const patience = 10_000;

/** Kills the collector again and again while clients send spans, and compares what they were told with what arrived. */
export async function crashRun({ folder, seed, kills, protocol, maxTime }: CrashOptions): Promise<CrashReport> {
  const end = performance.now() + maxTime;
  await using backend = await startBackend(protocol);
  const [grpcPort, httpPort] = [await freePort(), await freePort()];
  const config = path.join(folder, 'config.alloy');
  writeFileSync(config, configOf(protocol, { grpcPort, httpPort, backend: backend.endpoint }));
  const collectors = new Collectors(folder, config);
  const clients = new NumberedClients(grpcPort, httpPort);
  let sigkills = 0;
  let rounds = 0;
  for (const round of drawRounds(randomFrom(seed), kills, 0)) {
    if (performance.now() > end) break;
    rounds++;
    if (await collectors.play(round, backend)) sigkills++;
  }
  await backend.treat('up');
  const collector = collectors.start();
  await clients.stop();
  await arrived(backend, clients.acknowledged);
  await collectors.end(collector, 'SIGTERM');
  return {
    seed,
    kills: rounds,
    sigkills,
    acknowledged: clients.acknowledged.length,
    lost: clients.acknowledged.filter((number) => !backend.delivered.has(number)),
    duplicates: [...backend.delivered.values()].filter((times) => times > 1).length,
  };
}

/** One collector after the other, all with the same data. */
class Collectors {
  readonly #folder: string;
  readonly #config: string;
  #runs = 0;

  constructor(folder: string, config: string) {
    this.#folder = folder;
    this.#config = config;
  }

  start(): ChildProgram {
    this.#runs++;
    const flags = [
      `--storage.path=${this.#folder}/data`,
      '--server.http.listen-addr=127.0.0.1:0',
      '--stability.level=public-preview',
    ];
    return new ChildProgram('bin/millrace', ['run', ...flags, this.#config]);
  }

  /** Runs one until it is killed; tells whether it was SIGKILL that has ended it. */
  async play(round: Round, backend: Backend): Promise<boolean> {
    await backend.treat(round.mode);
    await using collector = this.start();
    if (!round.isEarly) await waitForStart(collector);
    const start = performance.now();
    for (const { at, what } of round.events) {
      await sleep(Math.max(0, start + at - performance.now()));
      if ('mode' in what) await backend.treat(what.mode);
    }
    await sleep(Math.max(0, start + round.killAfter - performance.now()));
    const isKilled = await this.end(collector, round.signal);
    await sleep(round.downTime);
    return isKilled;
  }

  async end(collector: ChildProgram, signal: 'SIGKILL' | 'SIGTERM'): Promise<boolean> {
    collector.signal(signal);
    const timer = setTimeout(() => collector.signal('SIGKILL'), gracePeriod);
    const { code, stderr } = await collector.result;
    clearTimeout(timer);
    writeFileSync(path.join(this.#folder, `run-${this.#runs}.log`), stderr);
    // Without an exit code it was a signal that has ended it.
    if (code !== null && code !== 0) throw new Error(`the collector has failed with exit code ${code}: ${stderr}`);
    return code === null;
  }
}

/** Waits until everything has arrived, or nothing arrives any more. */
async function arrived({ delivered }: Backend, acknowledged: readonly number[]): Promise<void> {
  let count = -1;
  let since = performance.now();
  while (acknowledged.some((number) => !delivered.has(number)) && performance.now() - since < patience) {
    await sleep(50);
    if (delivered.size > count) since = performance.now();
    count = delivered.size;
  }
}

async function waitForStart(collector: ChildProgram): Promise<void> {
  const end = performance.now() + startTime;
  let hasEnded = false;
  void collector.result.then(() => (hasEnded = true));
  while (!collector.stderr.includes('Millrace is running')) {
    if (hasEnded || performance.now() > end) throw new Error(`the collector does not start: ${collector.stderr}`);
    await sleep(10);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
