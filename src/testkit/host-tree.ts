import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { logTo } from '../base/log.ts';
import type { ComponentRequest, ComponentResponse } from '../component/component-request.ts';
import type { AnyComponent, ProgramInfo } from '../component/component.ts';
import { openMetrics } from '../component/metrics.ts';
import type { Labels } from '../model/labels.ts';
import type { LoggedLine } from './run-component.ts';
import { argumentsFrom } from './arguments.ts';
import { testProgram } from './runtime-options.ts';

/** Files of a made-up machine by their paths, which begin with `proc`, `sys`, `root` or `udev`. `-> x` is a link to x. */
export type HostFiles = Readonly<Record<string, string>>;

/** Writes files into a folder of the test, and returns that. */
export async function hostTree(t: TestContext, files: HostFiles): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'host-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    if (text.startsWith('-> ')) await symlink(text.slice(3), file);
    else await writeFile(file, text);
  }
  return folder;
}

/** The arguments of an exporter by which it looks at such a machine. */
export function hostArguments(folder: string): string {
  return `
    procfs_path    = ${JSON.stringify(`${folder}/proc`)}
    sysfs_path     = ${JSON.stringify(`${folder}/sys`)}
    rootfs_path    = ${JSON.stringify(`${folder}/root`)}
    udev_data_path = ${JSON.stringify(`${folder}/udev`)}
  `;
}

/** A component that answers requests, without anything around it. */
export function openExporter(spec: AnyComponent, config: string, program: Partial<ProgramInfo> = {}) {
  const logged: LoggedLine[] = [];
  const instance = spec.build({
    id: `${spec.name}.test`,
    args: argumentsFrom(spec.arguments, config),
    log: logTo((level, message, fields) => logged.push({ level, message, fields })),
    metrics: openMetrics(spec.metrics).meters,
    dataDir: '',
    minimumStability: 'experimental',
    program: { ...testProgram, ...program },
    export: () => undefined,
    health: () => undefined,
  });
  const ask = async (name: string): Promise<ComponentResponse> => {
    const { signal } = new AbortController();
    const request: ComponentRequest = { method: 'GET', path: name, query: new URLSearchParams(), headers: {}, signal };
    const response = await instance.handle?.(request);
    if (response === undefined) throw new Error(`${spec.name} answers no requests`);
    return response;
  };
  const { targets } = instance.exports as unknown as { readonly targets: readonly Labels[] };
  return { instance, targets, logged, ask, metrics: async () => (await ask('metrics')).body };
}

/** The samples in a text, without help, types, and what exporters tell of themselves. */
export function samplesIn(text: string): string[] {
  const own = /^(?:#|$|node_scrape_collector_|node_exporter_build_info|promhttp_)/;
  return text.split('\n').filter((line) => !own.test(line));
}
