import type { Host } from '../../collector.ts';
import { counter, gauge } from '../../family.ts';
import { attribute, attributes, namesIfAny, numberIn } from '../../read-file.ts';
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

const files = [
  'topology/physical_package_id',
  'topology/core_id',
  'thermal_throttle/core_throttle_count',
  'thermal_throttle/package_throttle_count',
  'online',
];

/** More CPUs than any kernel can be built for. */
const maxCpus = 65_536;

/** Which CPUs belong together, and what they have in common. Of those that share a core, the first one counts. */
export async function addCpuTopology({ paths }: Host, samples: Samples): Promise<void> {
  const folder = paths.sys('devices/system/cpu');
  const names = (await namesIfAny(folder)).filter((name) => /^cpu\d+$/.test(name));
  const numbers = names.map((name) => Number(name.slice('cpu'.length))).toSorted((a, b) => a - b);
  const found = await Promise.all(numbers.map((cpu) => attributes(`${folder}/cpu${cpu}`, files)));
  const seen = new Set<string>();
  // Where the first CPU cannot be taken out of use, nothing is known of the others either.
  const isOnlineKnown = found[numbers.indexOf(0)]?.has('online') ?? false;
  for (const [index, cpu] of numbers.entries()) {
    const values = files.map((file) => found[index]?.get(file));
    const [packageId = '', core = '', coreCount, packageCount, onlineText] = values;
    if (isOnlineKnown) samples.add(online, numberIn(onlineText), String(cpu));
    if (packageId === '') continue;
    if (core !== '' && coreCount !== undefined && isFirst(seen, `${packageId} ${core}`))
      samples.add(coreThrottles, numberIn(coreCount), packageId, core);
    if (packageCount !== undefined && isFirst(seen, packageId))
      samples.add(packageThrottles, numberIn(packageCount), packageId);
  }
}

/** The CPUs that are kept from the scheduler, which is decided when the system starts. */
export async function readIsolated({ paths }: Host): Promise<readonly string[]> {
  return listedCpus((await attribute(paths.sys('devices/system/cpu/isolated'))) ?? '');
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
