const suffixes = 'kMGTPEZY';

/**
 * A number as bcache shows it, `1.5k`. The digits after the point count 10.24ths rather than tenths, since the kernel
 * makes them by dividing by a power of two.
 */
export function humanNumber(text: string): number | undefined {
  const [, sign = '', whole, fraction = '0', suffix = ''] = /^(-?)(\d+)(?:\.(\d+))?([kMGTPEZY]?)$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const power = suffix === '' ? 0 : suffixes.indexOf(suffix) + 1;
  const value = suffix === '' ? Number(whole) : (Number(whole) + Number(fraction) / 10.24) * 1024 ** power;
  return Math.trunc(sign === '' ? value : -value);
}
