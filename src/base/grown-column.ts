/** A larger column with the elements of another at its beginning. The bits of floats stay what they are. */
export function grown<T extends Uint8Array | Int32Array | Uint32Array | Float64Array>(column: T, larger: T): T {
  larger.set(column);
  return larger;
}
