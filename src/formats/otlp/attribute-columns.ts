/** Whoever has not looked anything up in so many batches is forgotten. */
const patience = 1024;

/** Names whose values somebody looks up in spans. */
export class LookedUpNames {
  readonly names: readonly Buffer[];
  /** The columns that they have. */
  readonly columns: Int32Array;
  readonly views: readonly DataView[];
  /** That of the columns when these were found. */
  version = -1;
  lastUse = 0;

  constructor(names: readonly (string | Buffer)[]) {
    this.names = names.map((name) => Buffer.from(name));
    this.columns = new Int32Array(names.length);
    this.views = this.names.map(({ buffer, byteOffset, length }) => new DataView(buffer, byteOffset, length));
  }
}

/**
 * Which attributes of spans are looked up by name, and the column that each of them has. Whoever looks some up says so for each
 * batch; there is nothing to give back.
 */
export class AttributeColumns {
  /** Changes whenever columns do. */
  version = 0;
  readonly #users = new Set<LookedUpNames>();
  #names: DataView[] = [];
  /** By the length of a name: the last column with such a name, counted from 1 on. For each column the one before. */
  #last = new Uint16Array(0x80);
  #before = new Uint16Array(8);
  #batches = 0;

  /** By the length of a name: 0 if there is none of that length. Longer ones than there are here have none either. */
  get sizes(): Uint16Array {
    return this.#last;
  }

  get count(): number {
    return this.#names.length;
  }

  /** Finds or makes the columns of names. */
  use(user: LookedUpNames): void {
    user.lastUse = this.#batches;
    if (user.version === this.version) return;
    this.#users.add(user);
    for (const [at, name] of user.views.entries()) {
      const column = this.find(name, 0, name.byteLength);
      user.columns[at] = column < 0 ? this.#add(name) : column;
    }
    user.version = this.version;
  }

  /** To be called for each batch. */
  forgetUnused(): void {
    this.#batches++;
    if (this.#batches % patience !== 0) return;
    const { size } = this.#users;
    for (const user of this.#users) if (this.#batches - user.lastUse > patience) this.#users.delete(user);
    if (this.#users.size === size) return;
    // The others find theirs again.
    this.#names = [];
    this.#last.fill(0);
    this.version++;
  }

  /** The column of a name; -1 if it has none. */
  find(bytes: DataView, start: number, end: number): number {
    for (let found = this.#last[end - start] ?? 0; found !== 0; found = this.#before[found] ?? 0) {
      if (isAt(bytes, start, end - start, this.#names[found - 1] as DataView)) return found - 1;
    }
    return -1;
  }

  #add(name: DataView): number {
    const length = name.byteLength;
    const number = this.#names.push(name);
    if (length >= this.#last.length) this.#last = larger(this.#last, length + 1);
    if (number >= this.#before.length) this.#before = larger(this.#before, 2 * number);
    this.#before[number] = this.#last[length] ?? 0;
    this.#last[length] = number;
    this.version++;
    return number - 1;
  }
}

/** Whether a name of that size stands there. It is compared by words, of which the last may overlap the one before. */
function isAt(bytes: DataView, start: number, size: number, name: DataView): boolean {
  if (size < 4) {
    for (let at = 0; at < size; at++) if (bytes.getUint8(start + at) !== name.getUint8(at)) return false;
    return true;
  }
  // Names that are alike mostly begin alike.
  const last = size - 4;
  if (bytes.getInt32(start + last, true) !== name.getInt32(last, true)) return false;
  for (let at = 0; at < last; at += 4) if (bytes.getInt32(start + at, true) !== name.getInt32(at, true)) return false;
  return true;
}

function larger(column: Uint16Array, size: number): Uint16Array<ArrayBuffer> {
  const result = new Uint16Array(size);
  result.set(column);
  return result;
}
