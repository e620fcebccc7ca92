/** The content of records that were just written, for whoever takes them before others have filled this memory. */
export class FreshPayloads {
  readonly #maxBytes: number;
  readonly #payloads = new Map<number, Buffer>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Keeps a record by its number, if there is room. */
  add(sequence: number, payload: Buffer | undefined): void {
    if (payload === undefined || this.#bytes + payload.length > this.#maxBytes) return;
    this.#payloads.set(sequence, payload);
    this.#bytes += payload.length;
  }

  /** Takes a record out; undefined if it is not there. */
  take(sequence: number): Buffer | undefined {
    const payload = this.#payloads.get(sequence);
    this.#payloads.delete(sequence);
    this.#bytes -= payload?.length ?? 0;
    return payload;
  }
}
