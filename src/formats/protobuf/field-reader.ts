/** How the value of a field is written. Groups, which are long deprecated, are not read. */
export const wireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * Steps through the fields of one protobuf message after the other without building anything. Fields of an unknown
 * number or another type than expected are for the caller to pass over.
 */
export class FieldReader {
  /** The field: its number, its wire type and its value. */
  number = 0;
  type = 0;
  /** As a signed integer of 64 bits, exact up to 2^53; for varints. */
  value = 0;
  /** The range of the value; for all types. The field itself begins at `tagStart`. */
  tagStart = 0;
  start = 0;
  end = 0;
  /** Whether the message does not follow the format. */
  isBroken = false;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #end = 0;

  open(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.isBroken = false;
  }

  /** Where the next field begins. */
  get at(): number {
    return this.#at;
  }

  /** Whether the field is the one with that number and type. */
  is(number: number, type: number): boolean {
    return this.number === number && this.type === type;
  }

  /** Goes to the next field; false at the end, or where the message is broken. */
  next(): boolean {
    if (this.isBroken || this.#at === this.#end) return false;
    this.isBroken = !this.#read();
    return !this.isBroken;
  }

  /** Goes to the next integer, for the value of a field of packed integers that was opened like a message. */
  nextVarint(): boolean {
    if (this.isBroken || this.#at === this.#end) return false;
    this.isBroken = !this.#readVarint();
    return !this.isBroken;
  }

  #read(): boolean {
    this.tagStart = this.#at;
    if (!this.#readVarint()) return false;
    const tag = this.value;
    if (tag < 8 || tag > 0xffffffff) return false;
    this.number = Math.floor(tag / 8);
    this.type = tag % 8;
    this.start = this.#at;
    switch (this.type) {
      case wireType.varint:
        if (!this.#readVarint()) return false;
        break;
      case wireType.fixed64:
        this.#at += 8;
        break;
      case wireType.bytes:
        if (!this.#readVarint() || this.value < 0) return false;
        this.start = this.#at;
        this.#at += this.value;
        break;
      case wireType.fixed32:
        this.#at += 4;
        break;
      default:
        return false;
    }
    this.end = this.#at;
    return this.#at <= this.#end;
  }

  #readVarint(): boolean {
    let low = 0;
    let high = 0;
    for (let shift = 0; this.#at < this.#end; shift += 7) {
      const byte = this.#bytes[this.#at++] ?? 0;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) {
        this.value = high * 0x1_0000_0000 + (low >>> 0);
        // The tenth byte holds the last bit.
        return shift < 63 || bits < 2;
      }
      if (shift === 63) return false;
    }
    return false;
  }
}
