import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChildProgram } from '../../../src/testkit/child-program.ts';
import { startLokiReceiver, type Answer, type LokiReceiver } from '../../../src/testkit/loki-receiver.ts';
import { configOf, type Queue } from './config.ts';
import { Ledger } from './ledger.ts';
import { between, randomFrom, type Random } from './random.ts';
import { possible } from './rotation.ts';
import { drawRounds, type Mode, type Round } from './round.ts';
import { WriterProcess } from './writer-process.ts';
import type { WrittenFile } from './writer.ts';

export interface CrashOptions {
  /** An empty folder for everything. It belongs to the caller, who may want to look at it. */
  readonly folder: string;
  readonly seed: number;
  readonly kills: number;
  readonly queue: Queue;
  /** No kill comes after so many milliseconds. */
  readonly maxTime: number;
  /** Called with each thing that is done. */
  tell?(this: void, text: string): void;
}

export interface CrashReport {
  readonly seed: number;
  readonly kills: number;
  readonly sigkills: number;
  readonly rotations: number;
  readonly lines: number;
  /** How many lines were written and never acknowledged. */
  readonly lost: number;
  /** Which, such as `app.log: 17-19, 21`. */
  readonly lostLines: readonly string[];
  readonly duplicates: number;
  readonly torn: number;
  readonly mostRepeatedLines: number;
  readonly mostRepeatedRequests: number;
  readonly problems: readonly string[];
}

const wantedFiles: readonly WrittenFile[] = [
  { name: 'containerd.log', format: 'cri', rotation: 'rename' },
  { name: 'crio.log', format: 'cri-parts', rotation: 'create' },
  { name: 'docker-json.log', format: 'docker', rotation: 'create' },
  { name: 'app.log', format: 'plain', rotation: 'logrotate-copytruncate' },
  { name: 'parts.log', format: 'cri-parts', rotation: 'copytruncate' },
  { name: 'renamed-parts.log', format: 'cri-parts', rotation: 'rename' },
];

const files = wantedFiles.map((file) => ({ ...file, rotation: possible(file.rotation) }));

/** What does not end by itself after SIGTERM is killed, as Kubernetes does it. */
const gracePeriod = 4000;

/** How long a start may take, on a machine with much else to do. */
const startTime = 60_000;

/** How long nothing may arrive at the end before what is missing counts as lost. */
const patience = 10_000;

/** Kills the collector again and again while lines are written, and compares what was written with what arrived. */
export async function crashRun(options: CrashOptions): Promise<CrashReport> {
  await using run = new CrashRun(options, await startLokiReceiver());
  return await run.toEnd();
}

class CrashRun implements AsyncDisposable {
  readonly #options: CrashOptions;
  readonly #logs: string;
  readonly #random: Random;
  readonly #receiver: LokiReceiver;
  readonly #writer: WriterProcess;
  readonly #ledger: Ledger;
  #collector: ChildProgram | undefined;
  readonly #start = performance.now();
  #runs = 0;
  #kills = 0;
  #sigkills = 0;
  #rotations = 0;

  constructor(options: CrashOptions, receiver: LokiReceiver) {
    this.#options = options;
    this.#random = randomFrom(options.seed);
    this.#receiver = receiver;
    this.#ledger = new Ledger(files.length, options.queue);
    this.#logs = path.join(options.folder, 'logs');
    mkdirSync(this.#logs);
    this.#writer = new WriterProcess({ folder: this.#logs, files, seed: options.seed });
  }

  async toEnd(): Promise<CrashReport> {
    const { seed, kills, maxTime } = this.#options;
    const end = performance.now() + maxTime;
    await this.#meetFiles();
    for (const round of drawRounds(this.#random, kills - 1, files.length)) {
      if (performance.now() > end) break;
      await this.#play(round);
    }
    const written = await this.#deliverAll();
    const lost = written.map((count, file) => this.#ledger.lost(file, count));
    const ledger = this.#ledger;
    return {
      seed,
      kills: this.#kills,
      sigkills: this.#sigkills,
      rotations: this.#rotations,
      lines: written.reduce((sum, count) => sum + count, 0),
      lost: lost.flat().length,
      lostLines: lost.flatMap((lines, file) =>
        lines.length === 0 ? [] : [`${files[file]?.name}: ${rangesOf(lines)}`],
      ),
      duplicates: ledger.duplicates,
      torn: ledger.torn,
      mostRepeatedLines: ledger.mostRepeatedLines,
      mostRepeatedRequests: ledger.mostRepeatedRequests,
      problems: ledger.problems,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#collector?.[Symbol.asyncDispose]();
    await this.#writer[Symbol.asyncDispose]();
    await this.#receiver[Symbol.asyncDispose]();
  }

  /** Nobody promises to read what was rotated away before it was seen once. */
  async #meetFiles(): Promise<void> {
    await this.#treat('up');
    const collector = this.#startCollector();
    await waitFor(() => this.#ledger.hasAllFiles, 'lines of all files', collector);
    await this.#kill(collector, 'SIGKILL');
  }

  async #play(round: Round): Promise<void> {
    await this.#treat(round.mode);
    const collector = this.#startCollector();
    if (!round.isEarly) await waitFor(() => collector.stderr.includes('Millrace is running'), 'the start', collector);
    const start = performance.now();
    const rotations: Promise<void>[] = [];
    for (const { at, what } of round.events) {
      await sleepUntil(start + at);
      if ('mode' in what) await this.#treat(what.mode);
      else rotations.push(this.#rotate(what.rotate));
    }
    await sleepUntil(start + round.killAfter);
    await this.#kill(collector, round.signal);
    await Promise.all(rotations);
    for (const file of round.rotationsAfter) await this.#rotate(file);
    await sleep(round.downTime);
  }

  #tell(text: string): void {
    this.#options.tell?.(`${(performance.now() - this.#start).toFixed(0)} ms: ${text}`);
  }

  #startCollector(): ChildProgram {
    const { folder, queue } = this.#options;
    const run = ++this.#runs;
    this.#tell(`run ${run}`);
    const config = path.join(folder, 'config.alloy');
    writeFileSync(config, configOf({ folder: this.#logs, files, queue, url: this.#receiver.url, run }));
    const flags = [
      `--storage.path=${folder}/data`,
      '--server.http.listen-addr=127.0.0.1:0',
      '--stability.level=experimental',
    ];
    return (this.#collector = new ChildProgram('bin/millrace', ['run', ...flags, config]));
  }

  /** Ends the collector; tells whether it was killed. */
  async #end(collector: ChildProgram, signal: 'SIGKILL' | 'SIGTERM'): Promise<boolean> {
    this.#tell(signal);
    collector.signal(signal);
    const timer = setTimeout(() => collector.signal('SIGKILL'), gracePeriod);
    const { code, stderr } = await collector.result;
    clearTimeout(timer);
    writeFileSync(path.join(this.#options.folder, `run-${this.#runs}.log`), stderr);
    // Without an exit code it was a signal that has ended it.
    if (code !== null && code !== 0) throw new Error(`the collector has failed with exit code ${code}: ${stderr}`);
    this.#ledger.ended(this.#runs);
    this.#ledger.acknowledge(this.#receiver.accepted.splice(0));
    return code === null;
  }

  async #kill(collector: ChildProgram, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.#kills++;
    if (await this.#end(collector, signal)) this.#sigkills++;
  }

  #rotate(file: number): Promise<void> {
    this.#rotations++;
    this.#tell(`rotate ${files[file]?.name}`);
    return this.#writer.rotate(file);
  }

  async #treat(mode: Mode): Promise<void> {
    this.#tell(mode);
    const receiver = this.#receiver;
    if (mode === 'down') {
      await receiver.down();
      return;
    }
    receiver.answer(async ({ headers, entries }): Promise<Answer> => {
      // Bodies are not needed any more, and there will be many.
      receiver.requests.length = 0;
      if (mode === 'hang') return 'hang';
      if (mode === '500') return 500;
      if (mode === '429') return { status: 429, headers: this.#random() < 0.3 ? { 'retry-after': '1' } : {} };
      const delay = mode === 'slow' ? between(this.#random, 0, 300) : 0;
      if (delay > 0) await sleep(delay / 2);
      this.#ledger.store(Number(headers['x-run']), entries);
      return { status: 204, delay: delay / 2 };
    });
    // While nobody listened, the port may have been the other end of an attempt to connect to it.
    for (let attempt = 1; ; attempt++) {
      try {
        await receiver.up();
        return;
      } catch (error) {
        if (attempt === 100) throw error;
        await sleep(100);
      }
    }
  }

  /** Ends the writing, and lets everything arrive that does. */
  async #deliverAll(): Promise<readonly number[]> {
    const written = await this.#writer.stop();
    const total = written.reduce((sum, count) => sum + count, 0);
    await this.#treat('up');
    const collector = this.#startCollector();
    let count = -1;
    let since = performance.now();
    while (count < total && performance.now() - since < patience) {
      await sleep(50);
      this.#ledger.acknowledge(this.#receiver.accepted.splice(0));
      if (this.#ledger.count > count) since = performance.now();
      count = this.#ledger.count;
    }
    await this.#end(collector, 'SIGTERM');
    return written;
  }
}

async function waitFor(isThere: () => boolean, what: string, collector: ChildProgram): Promise<void> {
  const end = performance.now() + startTime;
  let hasEnded = false;
  void collector.result.then(() => (hasEnded = true));
  while (!isThere()) {
    if (hasEnded || performance.now() > end) throw new Error(`waited for ${what} in vain: ${collector.stderr}`);
    await sleep(10);
  }
}

async function sleepUntil(time: number): Promise<void> {
  await sleep(Math.max(0, time - performance.now()));
}

function rangesOf(numbers: readonly number[]): string {
  const ranges: { from: number; to: number }[] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last?.to === number - 1) last.to = number;
    else ranges.push({ from: number, to: number });
  }
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}
