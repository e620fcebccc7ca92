import { ParseError } from '../../../base/parse-error.ts';
import type { Labels } from '../../../model/labels.ts';
import { populated, scrapeTarget, type ScrapeTarget, type TargetDefaults } from './scrape-target.ts';

/** What is to be scraped, by the keys of the targets, and what is wrong with the others. */
export interface TargetSet {
  readonly targets: ReadonlyMap<string, ScrapeTarget>;
  readonly problems: readonly { readonly target: string; readonly error: string }[];
}

/** Decides everything about the targets. Those that are one and the same are scraped once. */
export function targetSet(discovered: readonly Labels[], defaults: TargetDefaults): TargetSet {
  const targets = new Map<string, ScrapeTarget>();
  const problems: { target: string; error: string }[] = [];
  for (const labels of discovered) {
    const target = scrapeTarget(labels, defaults);
    if (target instanceof ParseError)
      problems.push({ target: populated(labels, defaults).toString(), error: target.message });
    else if (target !== undefined && !targets.has(target.key)) targets.set(target.key, target);
  }
  return { targets, problems };
}
