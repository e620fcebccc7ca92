import { GenerationCache } from '../../../base/generation-cache.ts';
import type { Labels } from '../../../model/labels.ts';

/** Where the entries of a label set go. */
export interface Destination {
  /** From the label `__tenant_id__`, which may be an external one; undefined if there is none. */
  readonly tenant: string | undefined;
  /** The labels as the request has them, `{a="b"}`: with the external ones and without those that begin with `__`. */
  readonly labels: string;
  /** A number by which streams are spread; the same for the same labels. */
  readonly hash: number;
}

const tenantLabel = '__tenant_id__';

/** Finds the destinations of label sets, once for each. The labels of entries win over the external ones. */
export class Destinations {
  readonly #external: ReadonlyMap<string, string>;
  readonly #known = new GenerationCache<Labels, Destination>(4096);

  constructor(external: ReadonlyMap<string, string>) {
    this.#external = external;
  }

  of(labels: Labels): Destination {
    let destination = this.#known.get(labels);
    if (destination === undefined) this.#known.set(labels, (destination = this.#find(labels)));
    return destination;
  }

  #find(labels: Labels): Destination {
    let all = labels;
    for (const [name, value] of this.#external) if (!all.has(name)) all = all.with(name, value);
    const sent = all.filter((name) => !name.startsWith('__'));
    return { tenant: all.get(tenantLabel), labels: sent.toString(), hash: sent.hash >>> 0 };
  }
}
