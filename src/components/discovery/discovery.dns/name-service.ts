import { Resolver } from 'node:dns';
import { readFile } from 'node:fs/promises';
import type { Milliseconds } from '../../../base/duration.ts';

/** Where and how names are looked up. */
export interface NameService {
  /** Addresses, with ports if they are not 53, in the order they are asked. */
  readonly servers: readonly string[];
  /** The domains in which names are looked for that have fewer than `minDots` dots. */
  readonly search: readonly string[];
  readonly minDots: number;
  /** How long a server may take to answer before it is asked again. */
  readonly timeout: Milliseconds;
}

const resolvConf = '/etc/resolv.conf';

/** The name service of the system, as it is set up now: networks change while the program runs. */
export async function systemNameService(): Promise<NameService> {
  return { servers: new Resolver().getServers(), ...searchOf(await readResolvConf()), timeout: 2000 };
}

async function readResolvConf(): Promise<string> {
  try {
    return await readFile(resolvConf, 'utf8');
  } catch (error) {
    // Some systems keep their settings elsewhere.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

/** What the text of a resolv.conf says of names that are not complete; of several lines the last one counts. */
export function searchOf(text: string): Pick<NameService, 'search' | 'minDots'> {
  let search: readonly string[] = [];
  let minDots = 1;
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line.trim().split(/\s+/);
    if (keyword === 'search') search = words;
    else if (keyword === 'domain') search = words.slice(0, 1);
    else if (keyword === 'options') {
      const given = words.findLast((word) => /^ndots:\d+$/.test(word));
      if (given !== undefined) minDots = Math.min(15, Number(given.slice('ndots:'.length)));
    }
  }
  return { search, minDots };
}

/** What a name may stand for, in the order it is tried. With a dot at its end it is complete. */
export function candidatesFor(name: string, { search, minDots }: NameService): readonly string[] {
  if (name.endsWith('.')) return [name];
  const inDomains = search.map((domain) => `${name}.${domain.replaceAll(/^\.+|\.+$/g, '')}`.replace(/\.*$/, '.'));
  const dots = name.split('.').length - 1;
  return [...new Set(dots >= minDots ? [`${name}.`, ...inDomains] : [...inDomains, `${name}.`])];
}
