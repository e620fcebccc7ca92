import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ChildProgram } from './child-program.ts';
import { freePort } from './test-server.ts';
import { until } from './until.ts';

/** Why tests against the program Prometheus cannot run on this machine; undefined if they can. In CI they must. */
export function prometheusMissing(): string | undefined {
  const isThere = spawnSync('prometheus', ['--version']).error === undefined;
  return isThere || process.env['CI'] === 'true' ? undefined : 'the program prometheus is not installed';
}

/** A series that a query found. */
export interface FoundSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

/** The program Prometheus with an empty database, on a port of this machine. Close it with `await using`. */
export class RealPrometheus implements AsyncDisposable {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'prometheus-'));
  readonly #port: number;
  #program: ChildProgram | undefined;

  private constructor(port: number) {
    this.#port = port;
    writeFileSync(path.join(this.#folder, 'prometheus.yml'), 'global: {}\n');
  }

  static async start(): Promise<RealPrometheus> {
    const prometheus = new RealPrometheus(await freePort());
    await prometheus.up();
    return prometheus;
  }

  get #base(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Where it takes remote write. */
  get url(): string {
    return `${this.#base}/api/v1/write`;
  }

  async up(): Promise<void> {
    this.#program = new ChildProgram('prometheus', [
      `--config.file=${path.join(this.#folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${path.join(this.#folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${this.#port}`,
      '--web.enable-remote-write-receiver',
      '--enable-feature=native-histograms,exemplar-storage',
    ]);
    const isReady = async (): Promise<boolean> => {
      try {
        return (await fetch(`${this.#base}/-/ready`)).ok;
      } catch {
        // It does not listen yet.
        return false;
      }
    };
    await until(isReady);
  }

  /** Ends the program; its database stays. */
  async down(): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
  }

  /** The result of an instant query at a time in milliseconds since 1970. */
  async query(promql: string, time: number): Promise<readonly FoundSeries[]> {
    const { result } = (await this.#get('query', { query: promql, time: String(time / 1000) })) as { result: never };
    return result;
  }

  /** The value of the one series that an instant query finds; undefined if there is none. */
  async value(promql: string, time: number): Promise<string | undefined> {
    const [first] = await this.query(promql, time);
    return first?.value[1];
  }

  /** The exemplars of what a query finds, in a span of time in milliseconds since 1970. */
  async exemplars(promql: string, from: number, to: number): Promise<unknown> {
    return this.#get('query_exemplars', { query: promql, start: String(from / 1000), end: String(to / 1000) });
  }

  async #get(what: string, parameters: Readonly<Record<string, string>>): Promise<unknown> {
    const response = await fetch(`${this.#base}/api/v1/${what}?${new URLSearchParams(parameters).toString()}`);
    const { status, data, error } = (await response.json()) as { status: string; data: unknown; error?: string };
    if (status !== 'success') throw new Error(`query failed: ${error ?? ''}`);
    return data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
