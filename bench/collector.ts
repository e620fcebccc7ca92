import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MeasuredProcess } from './measured-process.ts';

const root = path.join(import.meta.dirname, '..');

/** A running program with a configuration, in a folder of its own. */
export interface Collector {
  readonly process: MeasuredProcess;
  /** Where its API is, without a slash at the end. */
  readonly address: string;
  /** The sum of a metric over all of its series. */
  metric(name: string): Promise<number>;
}

/** Starts the built program as `bin/millrace` does, and waits until it is ready. */
export async function startCollector(folder: string, config: string, ...args: readonly string[]): Promise<Collector> {
  const file = path.join(folder, 'config.alloy');
  await writeFile(file, config);
  const port = await freePort();
  const { flags, variables } = await launcher();
  const process = new MeasuredProcess(
    [
      ...flags,
      path.join(root, 'dist/main.js'),
      'run',
      file,
      `--storage.path=${path.join(folder, 'data')}`,
      `--server.http.listen-addr=127.0.0.1:${port}`,
      ...args,
    ],
    { stderr: 'ignore', variables },
  );
  const address = `http://127.0.0.1:${port}`;
  await untilReady(process, address, 'the collector');
  return {
    process,
    address,
    async metric(name) {
      const text = await (await fetch(`${address}/metrics`)).text();
      const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
      return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    },
  };
}

/** Runs a function with a folder that is removed afterwards. */
export async function withFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-'));
  try {
    return await run(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until a program says at `/-/ready` that it is, and stops it if that takes too long. */
export function untilReady(process: MeasuredProcess, address: string, name: string): Promise<void> {
  return untilAnswered(process, `${address}/-/ready`, name);
}

/** Waits until a program answers a request well, and stops it if that takes too long. */
export async function untilAnswered(process: MeasuredProcess, url: string, name: string): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const isReady = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    if (performance.now() > deadline) {
      await process.stop();
      throw new Error(`${name} does not get ready`);
    }
    await sleep(50);
  }
}

/** How `bin/millrace` starts the program. */
async function launcher(): Promise<{ readonly flags: string[]; readonly variables: Record<string, string> }> {
  const script = await readFile(path.join(root, 'bin/millrace'), 'utf8');
  const flags = /^flags='(.*)'$/m.exec(script)?.[1];
  if (flags === undefined) throw new Error('bin/millrace has no line with flags');
  const variables = script.matchAll(/^export (\w+)="\$\{\1:-(.*)\}"$/gm);
  return {
    flags: flags.split(' '),
    variables: Object.fromEntries(Array.from(variables, ([, name = '', value = '']) => [name, value])),
  };
}

/** A port of this host that nobody listens on for now. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
