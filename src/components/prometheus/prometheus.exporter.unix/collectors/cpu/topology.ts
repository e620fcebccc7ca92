import type { Host } from '../../collector.ts';
import { counter, gauge } from '../../family.ts';
import type { Samples } from '../../samples.ts';

const coreThrottles = counter(
  'cpu_core_throttles_total',
  'Times that a core was slowed down because of heat.',
  'package',
  'core',
);
const packageThrottles = counter(
  'cpu_package_throttles_total',
  'Times that a package was slowed down because of heat.',
  'package',
);
const online = gauge('cpu_online', 'Whether a CPU is in use.', 'cpu');

/** More CPUs than any kernel can be built for. */
const maxCpus = 65_536;

/** Which CPUs belong together, and what they have in common. Of those that share a core, the first one counts. */
export function addCpuTopology({ paths, files }: Host, samples: Samples): void {
  const all = paths.sys('devices/system/cpu');
  const names = files.namesIfAny(all).filter((name) => /^cpu\d+$/.test(name));
  const numbers = names.map((name) => Number(name.slice('cpu'.length))).toSorted((a, b) => a - b);
  const seen = new Set<string>();
  // Where the first CPU cannot be taken out of use, nothing is known of the others either.
  const isOnlineKnown = numbers.includes(0) && files.attribute(`${all}/cpu0/online`) !== undefined;
  for (const cpu of numbers) {
    const folder = `${all}/cpu${cpu}`;
    if (isOnlineKnown) samples.add(online, files.number(`${folder}/online`), String(cpu));
    const topology = files.folder(`${folder}/topology`);
    const packageId = topology.lasting('physical_package_id') ?? '';
    if (packageId === '') continue;
    const core = topology.lasting('core_id') ?? '';
    const throttles = files.folder(`${folder}/thermal_throttle`);
    const ofCore = throttles.attribute('core_throttle_count');
    if (core !== '' && ofCore !== undefined && isFirst(seen, `${packageId} ${core}`))
      samples.add(coreThrottles, throttles.number('core_throttle_count'), packageId, core);
    if (throttles.attribute('package_throttle_count') !== undefined && isFirst(seen, packageId))
      samples.add(packageThrottles, throttles.number('package_throttle_count'), packageId);
  }
}

/** The CPUs that are kept from the scheduler, which is decided when the system starts. */
export function readIsolated({ paths, files }: Host): readonly string[] {
  return listedCpus(files.attribute(paths.sys('devices/system/cpu/isolated')) ?? '');
}

/** The numbers that a list such as `1,4-6` stands for. */
export function listedCpus(text: string): readonly string[] {
  return text.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? [];
    if (first === undefined || Number(last) >= maxCpus) return [];
    const length = Math.max(0, Number(last) - Number(first) + 1);
    return Array.from({ length }, (_, index) => String(Number(first) + index));
  });
}

function isFirst(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}
