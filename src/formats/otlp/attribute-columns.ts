/** Names that nobody asked for in so many fillings are forgotten. */
const patience = 1024;

interface Column {
  readonly name: DataView;
  lastUse: number;
}

/**
 * Which attributes of spans are looked up by name, and the column that each of them has. Whoever looks one up says so for each
 * batch; there is nothing to give back.
 */
export class AttributeColumns {
  /** Changes whenever columns do. */
  version = 0;
  #columns: Column[] = [];
  /** By the length of a name: the last column with such a name, counted from 1 on. For each column the one before. */
  #last = new Uint16Array(0x80);
  #before = new Uint16Array(8);
  #uses = 0;

  /** By the length of a name: 0 if there is none of that length. Longer ones than there are here have none either. */
  get sizes(): Uint16Array {
    return this.#last;
  }

  get count(): number {
    return this.#columns.length;
  }

  /** Finds or makes the columns of names, and writes them to a list. */
  use(names: readonly Buffer[], columns: Int32Array): void {
    for (const [at, name] of names.entries()) {
      const view = new DataView(name.buffer, name.byteOffset, name.length);
      let column = this.find(view, 0, name.length);
      if (column < 0) column = this.#add({ name: view, lastUse: 0 });
      (this.#columns[column] as Column).lastUse = this.#uses;
      columns[at] = column;
    }
  }

  /** To be called before each filling. */
  forgetUnused(): void {
    this.#uses++;
    if (this.#uses % patience !== 0) return;
    const used = this.#columns.filter(({ lastUse }) => this.#uses - lastUse <= patience);
    if (used.length === this.#columns.length) return;
    this.#columns = [];
    this.#last.fill(0);
    for (const column of used) this.#add(column);
  }

  /** The column of a name; -1 if it has none. */
  find(bytes: DataView, start: number, end: number): number {
    for (let found = this.#last[end - start] ?? 0; found !== 0; found = this.#before[found] ?? 0) {
      if (isAt(bytes, start, (this.#columns[found - 1] as Column).name)) return found - 1;
    }
    return -1;
  }

  #add(column: Column): number {
    const length = column.name.byteLength;
    const number = this.#columns.push(column);
    if (length >= this.#last.length) this.#last = larger(this.#last, length + 1);
    if (number >= this.#before.length) this.#before = larger(this.#before, 2 * number);
    this.#before[number] = this.#last[length] ?? 0;
    this.#last[length] = number;
    this.version++;
    return number - 1;
  }
}

/** Whether a name stands there. It is compared by words, of which the last may overlap the one before. */
function isAt(bytes: DataView, start: number, name: DataView): boolean {
  const size = name.byteLength;
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
