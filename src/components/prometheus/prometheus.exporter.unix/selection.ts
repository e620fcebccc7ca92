import { collectors, unsupportedCollectors } from './collectors.ts';

/** What `set_collectors` does not know, although it can be switched on in other ways. */
const notToBeSet: ReadonlySet<string> = new Set(['cpu_vulnerabilities', 'pcidevice', 'swap', 'watchdog', 'xfrm']);

/** The arguments that choose collectors. */
export interface CollectorChoice {
  readonly set_collectors: readonly string[];
  readonly disable_collectors: readonly string[];
  readonly enable_collectors: readonly string[];
}

/**
 * The names of the collectors to run, sorted. Enabling counts more than disabling. Names that nobody knows, or that are
 * of other systems, mean nothing; those of collectors that are not supported yet are among the result.
 */
export function chosenCollectors(choice: CollectorChoice): readonly string[] {
  const known = new Set([...collectors.map(({ name }) => name), ...unsupportedCollectors]);
  const set = choice.set_collectors.filter((name) => !notToBeSet.has(name));
  const chosen = new Set(choice.set_collectors.length > 0 ? set : collectors.map(({ name }) => name));
  for (const name of choice.disable_collectors) chosen.delete(name);
  for (const name of choice.enable_collectors) chosen.add(name);
  return [...chosen].filter((name) => known.has(name)).toSorted();
}
