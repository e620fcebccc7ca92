/** What separates records in a stream. */
export const delimiter = '|;|';

/** Records between two flushes. */
const maxRecords = 1000;

/** Texts that may be made between two flushes, also for records that are then not kept; making them costs time. */
const maxTexts = 10_000;

/** Records on their way to a viewer. What there is no room for is counted, and the viewer is told. */
export class RecordBuffer {
  readonly #probability: number;
  #records: string[] = [];
  #texts = 0;
  #dropped = 0;

  /** Each record is kept with the given probability. */
  constructor(probability: number) {
    this.#probability = probability;
  }

  /** Adds the records of a batch; `texts` is not read further than there is room. */
  add(prefix: string, texts: Iterable<string>, count: number): void {
    let seen = 0;
    if (this.#hasRoom()) {
      for (const text of texts) {
        seen++;
        this.#texts++;
        if (this.#probability >= 1 || Math.random() < this.#probability) {
          // A delimiter within a record would make two of it.
          this.#records.push(prefix + text.replaceAll(delimiter, '| ; |'));
        }
        if (!this.#hasRoom()) break;
      }
    }
    this.#dropped += Math.max(0, count - seen);
  }

  /** All records as text, each followed by the delimiter; empty if there are none. */
  take(): string {
    if (this.#dropped > 0) this.#records.push(`[DROPPED]: ${this.#dropped} records`);
    const text = this.#records.map((record) => record + delimiter).join('');
    this.#records = [];
    this.#texts = 0;
    this.#dropped = 0;
    return text;
  }

  #hasRoom(): boolean {
    return this.#records.length < maxRecords && this.#texts < maxTexts;
  }
}
