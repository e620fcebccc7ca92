import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';

/** Clock ticks in a second, as the kernel counts CPU time for user space. */
const ticksPerSecond = 100;

/** A child process whose CPU time and memory are read from the kernel. */
export class MeasuredProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;

  constructor(
    args: readonly string[],
    options: {
      /** What is run; this Node.js without it. */
      readonly executable?: string;
      readonly stderr?: 'inherit' | 'ignore';
      readonly variables?: Readonly<Record<string, string>>;
    } = {},
  ) {
    const { executable = process.execPath, stderr = 'inherit', variables = {} } = options;
    const env = { ...process.env, ...variables };
    this.#child = spawn(executable, args, { env, stdio: ['ignore', 'ignore', stderr, 'ipc'] });
    this.#ended = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`the process ended with code ${code}`);
    });
    // Who waits for a message hears of it; nobody else does.
    this.#ended.catch(() => undefined);
  }

  /** Seconds of CPU, user and system, since the process began. */
  cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  }

  /** Resident memory in bytes: now, and the most there ever was. */
  memory(): { readonly now: number; readonly peak: number } {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    const field = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024;
    return { now: field('VmRSS'), peak: field('VmHWM') };
  }

  /** The next message the process sends. */
  async message<T>(): Promise<T> {
    const [message] = (await Promise.race([once(this.#child, 'message'), this.#ended])) as [T];
    return message;
  }

  send(message: object): void {
    this.#child.send(message);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await exit;
  }
}
