import { GenerationCache } from '../../../base/generation-cache.ts';
import type { Labels } from '../../../model/labels.ts';

/** Label sets whose result is remembered. */
const maxResults = 4096;

/** Makes a function of a label set run once for each set: entries come in runs of the same set, and sets come again. */
export function byLabels<T extends {} | null>(compute: (labels: Labels) => T): (labels: Labels) => T {
  const results = new GenerationCache<Labels, T>(maxResults);
  let last: Labels | undefined;
  let lastResult: T | undefined;
  return (labels) => {
    if (labels === last) return lastResult as T;
    let result = results.get(labels);
    if (result === undefined) results.set(labels, (result = compute(labels)));
    last = labels;
    lastResult = result;
    return result;
  };
}
