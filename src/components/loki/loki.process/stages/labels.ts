import type { Labels } from '../../../../model/labels.ts';
import { map, oneOf } from '../../../../schema/attributes.ts';
import { textOf, type ExtractedValue } from '../extracted.ts';
import { optionalText } from '../optional-text.ts';
import { stage } from '../stage.ts';

/** Combinations of label sets and values whose result is remembered. */
const maxResults = 8192;

export const labels = stage({
  doc: `
Sets labels from extracted values or structured metadata. Values that are not there, or are no text, set nothing and
leave a label of the name as it is.`,
  fields: {
    values: map(
      'Label names, and the names of the values they get. An empty name or null means the label name.',
      optionalText,
    ).check((values) => ([...values.keys()].includes('') ? 'label names must not be empty' : undefined)),
    source_type: oneOf('Where the values are looked up.', 'extracted', 'structured_metadata').default('extracted'),
  },
  compile({ values, source_type }, { slots }) {
    const pairs = [...values].map(([label, source]) => ({ label, source: source === '' ? label : source }));
    if (source_type === 'structured_metadata') {
      return (next) => (cursor) => {
        const metadata = cursor.metadata();
        for (const { label, source } of pairs) {
          const pair = metadata.find(({ name }) => name === source);
          if (pair !== undefined) cursor.labels = cursor.labels.with(label, pair.value);
        }
        next(cursor);
      };
    }

    const names = pairs.map(({ label }) => label);
    const sources = pairs.map(({ source }) => slots.reads(source));
    const results = new Results(names);
    return (next) => (cursor) => {
      let branch = results.of(cursor.labels);
      for (let index = 0; index < sources.length; index++) {
        branch = results.step(branch, index, cursor.extracted.get(sources[index] ?? 0));
      }
      cursor.labels = branch.labels;
      next(cursor);
    };
  },
});

/** The labels that a label set becomes with some first values, and the ways to go on from there. */
interface Branch {
  readonly labels: Labels;
  /** None yet where nothing has gone on: with values that never come again there are many such. */
  next: Map<ExtractedValue, Branch> | undefined;
}

/** What label sets become with which values. Found by one look-up a value; forgotten as a whole when it is full. */
class Results {
  readonly #names: readonly string[];
  #roots = new Map<Labels, Branch>();
  #count = 0;

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  of(from: Labels): Branch {
    if (this.#count >= maxResults) {
      this.#roots = new Map();
      this.#count = 0;
    }
    let root = this.#roots.get(from);
    if (root === undefined) {
      root = { labels: from, next: undefined };
      this.#roots.set(from, root);
      this.#count++;
    }
    return root;
  }

  step(from: Branch, index: number, value: ExtractedValue): Branch {
    const known = from.next?.get(value);
    if (known !== undefined) return known;
    const name = this.#names[index] ?? '';
    const text = textOf(value);
    const to = text === undefined ? from.labels : from.labels.with(name, text);
    const branch: Branch = { labels: to, next: undefined };
    // The value may be cut out of a longer text; the label set has it in memory of its own.
    from.next ??= new Map();
    from.next.set(typeof value === 'string' ? to.get(name) : value, branch);
    this.#count++;
    return branch;
  }
}
