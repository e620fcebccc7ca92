import { GenerationCache } from '../../../base/generation-cache.ts';
import type { Labels } from '../../../model/labels.ts';
import { relabel } from '../../../model/relabel.ts';
import type { ApiSourceArguments } from './fields.ts';

/** Label sets of clients whose result is remembered. */
const maxRemembered = 4096;

/** Makes the labels of streams from those that clients give them. */
export class StreamLabels {
  readonly #args: ApiSourceArguments;
  readonly #results = new GenerationCache<Labels, Labels | 'dropped'>(maxRemembered);

  constructor(args: ApiSourceArguments) {
    this.#args = args;
  }

  /** The labels that entries get; undefined if they are dropped. A tenant is told to whoever sends them on. */
  of(given: Labels, tenant: string): Labels | undefined {
    let result = this.#results.get(given);
    if (result === undefined) {
      result = this.#labelsOf(given) ?? 'dropped';
      this.#results.set(given, result);
    }
    if (result === 'dropped') return undefined;
    return tenant === '' ? result : result.with('__tenant_id__', tenant);
  }

  #labelsOf(given: Labels): Labels | undefined {
    const { labels, relabel_rules: rules } = this.#args;
    let all = given;
    for (const [name, value] of labels) all = all.with(name, value);
    const relabelled = relabel(all, rules, 'legacy');
    if (relabelled === undefined || relabelled.size === 0) return undefined;
    return relabelled.filter((name) => !name.startsWith('__'));
  }
}
