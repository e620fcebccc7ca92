/** What stands between `%` and the verb of a printf directive. */
export interface Spec {
  readonly plus: boolean;
  readonly minus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  /** `%#v`: values print as they are written in Go. */
  readonly isGoSyntax: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

/** A directive without flags, width and precision. */
export const plainSpec: Spec = {
  plus: false,
  minus: false,
  sharp: false,
  space: false,
  zero: false,
  isGoSyntax: false,
  width: undefined,
  precision: undefined,
};

/** Fills up to the width, which counts characters, with zeros if they are asked for and stand on the left. */
export function pad(text: string, { width = 0, minus, zero }: Spec): string {
  if (width === 0) return text;
  const missing = width - Array.from(text).length;
  if (missing <= 0) return text;
  return minus ? text + ' '.repeat(missing) : (zero ? '0' : ' ').repeat(missing) + text;
}
