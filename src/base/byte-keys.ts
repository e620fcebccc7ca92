interface Key {
  readonly index: number;
  readonly bytes: Buffer;
}

/** Tells which of some texts, that must differ from each other, a range of bytes is, without making a string of it. */
export class ByteKeys {
  readonly #byLength: Key[][] = [];

  constructor(keys: readonly string[]) {
    for (const [index, key] of keys.entries()) {
      const bytes = Buffer.from(key);
      (this.#byLength[bytes.length] ??= []).push({ index, bytes });
    }
  }

  /** The index of the text, or -1. */
  find(bytes: Buffer, start: number, end: number): number {
    const keys = this.#byLength[end - start];
    if (keys === undefined) return -1;
    for (const key of keys) {
      let at = start;
      while (at < end && bytes[at] === key.bytes[at - start]) at++;
      if (at === end) return key.index;
    }
    return -1;
  }
}
