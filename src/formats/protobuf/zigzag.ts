/** A `sint32` or `sint64` from the integer that it is written as. Exact up to 2^52. */
export function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
