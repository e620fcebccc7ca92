import type { ByteBuilder } from '../../../base/byte-builder.ts';
import { messageOf } from '../../../base/message-of.ts';
import { inTurns, type Turns } from '../../../base/turns.ts';
import type { BatchKit, MadeBatch } from './batch-maker.ts';
import type { Fetched } from './fetch-exposition.ts';
import type { LoopHost } from './loop-host.ts';
import { formatPrometheusDuration } from './prometheus-duration.ts';
import { firstTick, offsetOf, scrapeTimestamp } from './scrape-clock.ts';
import type { ScrapeTarget } from './scrape-target.ts';
import { TargetIntake, type LastScrape, type Scrape } from './target-intake.ts';

/** From here on a batch is made in turns with everything else, since that may take more than 50 ms. */
const largeBody = 1024 * 1024;
const largeSeries = 10_000;

/** Scrapes one target again and again. One scrape is over, its samples accepted, before the next begins. */
export class ScrapeLoop {
  last: LastScrape = { health: 'unknown', error: '', at: 0, seconds: 0, samples: 0 };
  readonly #host: LoopHost;
  readonly #intake: TargetIntake;
  #target: ScrapeTarget;
  /** Aborts to end what goes on: scraping, or waiting for the time to say that the target has gone. */
  #phase = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** The tick that comes next. */
  #tick = 0;
  /** The moment of the last scrape, 0 before the first. */
  #begunAt = 0;

  constructor(target: ScrapeTarget, host: LoopHost) {
    this.#target = target;
    this.#host = host;
    this.#intake = new TargetIntake(target, host);
  }

  get target(): ScrapeTarget {
    return this.#target;
  }

  /** Scrapes from now on, also a target that seemed to have gone: its series are known still. */
  start(): void {
    this.#begin((signal) => this.#scrapeOn(signal));
  }

  /** Takes the same target with other times or settings. */
  update(target: ScrapeTarget): void {
    const { interval } = this.#target;
    this.#target = target;
    if (target.interval !== interval) this.start();
  }

  /** Scrapes no more, and marks all series as ended if nobody starts it again within two intervals. */
  leave(gone: () => void): void {
    this.#begin(async (signal) => {
      const { clock } = this.#host;
      const { interval } = this.#target;
      const missed = this.#tick;
      if (!(await clock.sleep(missed + 1.1 * interval - clock.now(), signal))) return;
      await this.#sendEnd(missed);
      if (!signal.aborted) gone();
    });
  }

  /** Ends what goes on without saying anything to anyone, and resolves when it has ended. */
  async stop(): Promise<void> {
    this.#phase.abort();
    await this.#running;
    await inTurns(this.#intake.forget(), new AbortController().signal);
  }

  #begin(work: (signal: AbortSignal) => Promise<void>): void {
    this.#phase.abort();
    this.#phase = new AbortController();
    const { signal } = this.#phase;
    const { stopped, broken } = this.#host;
    this.#running = this.#running
      .then(() => (signal.aborted || stopped.aborted ? undefined : work(signal)))
      // What is given up since everything stops is not broken.
      .catch((error: unknown) => (stopped.aborted ? undefined : broken(error)));
  }

  async #scrapeOn(signal: AbortSignal): Promise<void> {
    const { clock } = this.#host;
    this.#tick = this.#firstTick();
    while (await clock.sleep(this.#tick - clock.now(), signal)) {
      const tick = this.#tick;
      // What begins now must not be begun again, whoever asks for the next tick meanwhile.
      this.#tick += this.#target.interval;
      await this.#scrape(tick);
      if (signal.aborted) return;
      this.#skipMissed();
    }
  }

  #firstTick(): number {
    const { clock, seed } = this.#host;
    const { key, interval } = this.#target;
    return firstTick(clock.now(), interval, offsetOf(key, seed, interval));
  }

  /** Of the ticks that have passed, the latest is caught up with. */
  #skipMissed(): void {
    const { clock, meters } = this.#host;
    const { interval } = this.#target;
    const late = clock.now() - this.#tick;
    // Somebody has set the clock back.
    if (late < -interval) this.#tick = this.#firstTick();
    if (late < interval) return;
    const skipped = Math.floor(late / interval);
    meters.skipped.inc(skipped);
    this.#tick += skipped * interval;
  }

  async #scrape(tick: number): Promise<void> {
    const { clock } = this.#host;
    const { interval } = this.#target;
    const begun = clock.now();
    this.#observeInterval(begun);
    const made = await this.#ask(scrapeTimestamp(begun, tick, interval));
    if (made !== undefined) await this.#send(made, begun + interval);
  }

  /** Asks the target, and makes a batch of the answer, which is let go of then. */
  async #ask(timestamp: number): Promise<MadeBatch | undefined> {
    const { bodies, meters, stopped } = this.#host;
    const start = performance.now();
    const memory = bodies.take();
    try {
      const answer = await this.#answer(memory);
      if (stopped.aborted) return undefined;
      meters.duration.observe((performance.now() - start) / 1000);
      return await this.#read(answer, timestamp, start);
    } finally {
      bodies.give(memory);
    }
  }

  async #answer(memory: ByteBuilder): Promise<Fetched | Error> {
    const refusal = this.#host.refusal();
    if (refusal !== undefined) return new Error(refusal);
    try {
      return await this.#host.fetch(this.#target, memory);
    } catch (error) {
      return error instanceof Error ? error : new Error(messageOf(error));
    }
  }

  async #read(answer: Fetched | Error, timestamp: number, start: number): Promise<MadeBatch> {
    const { maker, meters } = this.#host;
    const bytes = answer instanceof Error || answer.body.length <= largeBody ? 0 : answer.body.length;
    const reservation = maker.reserve(bytes);
    if (reservation === undefined) meters.tooManyLarge.inc();
    const read = reservation === undefined ? new Error('large responses of other targets wait to be read') : answer;
    const scrape = { target: this.#target, answer: read, timestamp, start };
    try {
      return await this.#make(bytes > 0, (kit) => this.#take(kit, scrape));
    } finally {
      reservation?.release();
    }
  }

  *#take(kit: BatchKit, scrape: Scrape): Turns<void> {
    this.last = yield* this.#intake.take(kit, scrape);
  }

  #observeInterval(now: number): void {
    const { intervalSeconds, intervalSummary } = this.#host.meters;
    const seconds = (now - this.#begunAt) / 1000;
    const name = formatPrometheusDuration(this.#target.interval);
    if (this.#begunAt > 0) {
      intervalSeconds.with(name).observe(seconds);
      intervalSummary.with(name).observe(seconds);
    }
    this.#begunAt = now;
  }

  /** Says of everything that it has ended. */
  async #sendEnd(timestamp: number): Promise<void> {
    const latest = this.#host.clock.now() + this.#target.interval;
    const made = await this.#make(false, (kit) => this.#intake.end(kit, timestamp));
    await this.#send(made, latest);
  }

  #make(isLarge: boolean, work: (kit: BatchKit) => Turns<void>): Promise<MadeBatch> {
    const { maker, stopped } = this.#host;
    return maker.make(isLarge || this.#intake.size > largeSeries, stopped, work);
  }

  /** Sends a batch, until a time at most. */
  async #send({ batch, lease }: MadeBatch, latest: number): Promise<void> {
    const { table, sender, settings } = this.#host;
    if (batch === undefined) table.closeLease(lease);
    else await sender.send(batch, lease, latest, settings);
  }
}
