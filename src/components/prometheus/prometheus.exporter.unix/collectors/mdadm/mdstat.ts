import { wantNumber } from '../../words.ts';

/** An array in `/proc/mdstat`. */
export interface MdArray {
  readonly device: string;
  readonly state: string;
  readonly disks: { readonly active: number; readonly failed: number; readonly spare: number };
  readonly required: number;
  readonly blocks: number;
  readonly synced: number;
}

/** What arrays are at, by the words that the kernel has for it. */
const activities: readonly (readonly [RegExp, string])[] = [
  [/\bresync\s*=/, 'resync'],
  [/\b(?:recovery|reshape)\s*=/, 'recovering'],
  [/\bcheck\s*=/, 'check'],
];

/** Reads blocks of lines: the first one begins with the name of the array, the others are indented. */
export function parseMdstat(text: string): readonly MdArray[] {
  const sections = text.split(/\n(?=\S)/).filter((section) => /^\S+ : (?:in)?active\b/.test(section));
  return sections.map(parseArray);
}

function parseArray(section: string): MdArray {
  const [first = '', size = '', ...rest] = section.split('\n');
  const words = first.split(' ');
  const [device = '', , activity = ''] = words;
  const members = words.slice(3).filter((word) => /\[\d+\]/.test(word));
  const failed = members.filter((word) => word.includes('(F)')).length;
  const spare = members.filter((word) => word.includes('(S)')).length;
  const [, blockText] = /(\d+) blocks/.exec(size) ?? [];
  const blocks = wantNumber(blockText);
  // Linear arrays and stripes have no `[total/active]`: all their disks are needed.
  const [, total, active] = /\[(\d+)\/(\d+)\]/.exec(size) ?? [];
  const all = members.length - failed - spare;
  const progress = rest.find((line) => activities.some(([pattern]) => pattern.test(line)));
  const state = activities.find(([pattern]) => progress !== undefined && pattern.test(progress))?.[1];
  return {
    device,
    state: activity === 'inactive' ? 'inactive' : (state ?? 'active'),
    disks: { active: activity === 'inactive' ? 0 : Number(active ?? all), failed, spare },
    required: activity === 'inactive' ? 0 : Number(total ?? all),
    blocks,
    synced: progress === undefined ? blocks : syncedIn(progress),
  };
}

/** How far a line such as `resync = 40.0% (400/1000)` says it is; nothing if it has not begun. */
function syncedIn(progress: string): number {
  const [, done] = /\((\d+)\/\d+\)/.exec(progress) ?? [];
  return done === undefined ? 0 : Number(done);
}
