import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Removing the types from the sources anew for each process would take most of its time. */
const compileCache = path.join(root, 'node_modules/.cache/compile');

/** A command that runs as a process of its own. `await using` kills it if it still runs. */
export class ChildProgram implements AsyncDisposable {
  readonly result: Promise<Result>;
  readonly #process: ChildProcess;
  #hasEnded = false;
  stdout = '';
  stderr = '';

  /** `variables` are added to those of the environment. */
  constructor(command: string, args: readonly string[], input = '', variables: Readonly<Record<string, string>> = {}) {
    this.#process = spawn(command, args, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1', NODE_COMPILE_CACHE: compileCache, ...variables },
    });
    this.#process.stdout?.on('data', (chunk) => (this.stdout += String(chunk)));
    this.#process.stderr?.on('data', (chunk) => (this.stderr += String(chunk)));
    this.#process.stdin?.end(input);
    this.result = new Promise((resolve, reject) => {
      this.#process.on('error', reject);
      this.#process.on('close', (code) => {
        this.#hasEnded = true;
        resolve({ code, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Sends a signal. */
  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Waits for a line on standard error; fails if the command ends without it. */
  async says(text: RegExp): Promise<void> {
    await until(() => {
      if (!text.test(this.stderr) && this.#hasEnded) throw new Error(`the command has ended: ${this.stderr}`);
      return text.test(this.stderr);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.result;
  }
}

/** Starts the program with the toy components. */
export function startToyProgram(...args: readonly string[]): ChildProgram {
  return new ChildProgram(process.execPath, ['test/toy-program.ts', ...args]);
}

/** Runs the real program to its end. */
export function runProgram(args: readonly string[], input = ''): Promise<Result> {
  return new ChildProgram(process.execPath, ['src/main.ts', ...args], input).result;
}
