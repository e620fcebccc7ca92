import type { Host } from '../../collector.ts';
import { gauge } from '../../family.ts';
import { isMatch } from '../../name-filter.ts';
import { linesOf, numberIn, wordsOf } from '../../words.ts';
import type { Samples } from '../../samples.ts';

const info = gauge(
  'cpu_info',
  'What a CPU is. The value is always 1.',
  'package',
  'core',
  'cpu',
  'vendor',
  'family',
  'model',
  'model_name',
  'microcode',
  'stepping',
  'cachesize',
);
const frequency = gauge('cpu_frequency_hertz', 'The frequency at which a CPU runs.', 'package', 'core', 'cpu');
const flagInfo = gauge('cpu_flag_info', 'A flag that the first CPU has. The value is always 1.', 'flag');
const bugInfo = gauge('cpu_bug_info', 'A bug that the first CPU has. The value is always 1.', 'bug');

/** What `/proc/cpuinfo` tells, as far as the arguments want it. */
export function addCpuDescriptions({ paths, files, args, isEnabled }: Host, samples: Samples): void {
  const processors = files.text(paths.proc('cpuinfo')).split('\n\n').map(fieldsOf);
  const cpus = processors.filter((fields) => fields.has('processor'));
  for (const fields of cpus) {
    const field = (name: string): string => fields.get(name) ?? '';
    const place = [field('physical id'), field('core id'), field('processor')] as const;
    if (args.cpu.info) {
      const model = [field('vendor_id'), field('cpu family'), field('model'), field('model name')];
      samples.add(info, 1, ...place, ...model, field('microcode'), field('stepping'), field('cache size'));
    }
    const megahertz = numberIn(fields.get('cpu MHz'));
    if (isEnabled('cpufreq')) samples.add(frequency, megahertz && megahertz * 1e6, ...place);
  }
  const [first] = cpus;
  for (const flag of wordsOf(first?.get('flags') ?? ''))
    if (isMatch(flag, args.cpu.flags_include)) samples.add(flagInfo, 1, flag);
  for (const bug of wordsOf(first?.get('bugs') ?? ''))
    if (isMatch(bug, args.cpu.bugs_include)) samples.add(bugInfo, 1, bug);
}

function fieldsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    linesOf(text).map((line) => {
      const at = line.indexOf(':');
      return at < 0 ? [line.trim(), ''] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    }),
  );
}
