/** A metric that a collector exposes. Its series differ in the values of the labels. */
export interface Family {
  /** With the prefix `node_`. */
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'untyped';
  readonly help: string;
  readonly labels: readonly string[];
  /** The indexes of the labels in the order of their names, which is how they are written. */
  readonly order: readonly number[];
}

/** A value that only grows. */
export function counter(name: string, help: string, ...labels: readonly string[]): Family {
  return family('counter', name, help, labels);
}

/** A value that goes up and down. */
export function gauge(name: string, help: string, ...labels: readonly string[]): Family {
  return family('gauge', name, help, labels);
}

/** A value of which nobody says whether it only grows. */
export function untyped(name: string, help: string, ...labels: readonly string[]): Family {
  return family('untyped', name, help, labels);
}

function family(kind: Family['kind'], name: string, help: string, labels: readonly string[]): Family {
  const order = labels.map((_, index) => index).toSorted((a, b) => ((labels[a] ?? '') < (labels[b] ?? '') ? -1 : 1));
  return { kind, name: `node_${name}`, help, labels, order };
}
