import { utf8 } from '../../../base/bytes.ts';
import { Labels } from '../../../model/labels.ts';
import { labelsOf, metadataOf, type LogBatch } from '../../../model/log-batch.ts';
import type { LogBatchBuilder } from '../../../model/log-batch-builder.ts';
import type { MetadataPair } from '../../../model/structured-metadata.ts';
import { Extracted, type ExtractedSnapshot } from './extracted.ts';
import type { Slots } from './slots.ts';

const noBytes = Buffer.alloc(0);

/** An entry that a stage keeps until later. */
export interface EntrySnapshot {
  readonly line: Buffer;
  readonly seconds: number;
  readonly nanos: number;
  readonly labels: Labels;
  readonly metadata: readonly MetadataPair[];
  readonly extracted: ExtractedSnapshot;
}

/**
 * The entry that goes through a pipeline. There is one cursor for all entries: stages read and change it in turn. The
 * line is bytes or text, whichever a stage made of it last, and becomes the other form only when a stage asks for it.
 */
export class Cursor {
  readonly extracted: Extracted;
  seconds = 0;
  nanos = 0;
  labels: Labels = Labels.empty;
  /** The line as a range of bytes; right only after `needBytes`. */
  bytes: Buffer = noBytes;
  start = 0;
  end = 0;
  #text: string | undefined;
  #isText = false;
  #batch: LogBatch | undefined;
  #index = 0;
  #metadata: MetadataPair[] | undefined;

  constructor(slots: Slots) {
    this.extracted = new Extracted(slots, Labels.empty);
  }

  /** Moves to an entry of a batch. */
  load(batch: LogBatch, index: number): void {
    this.#batch = batch;
    this.#index = index;
    this.seconds = batch.seconds[index] ?? 0;
    this.nanos = batch.nanos[index] ?? 0;
    this.labels = labelsOf(batch, index);
    this.setBytes(batch.bytes, batch.lineStarts[index] ?? 0, batch.lineEnds[index] ?? 0);
    this.#metadata = undefined;
    this.extracted.reset(this.labels);
  }

  /** The line as text; broken UTF-8 in it is replaced there, and stays as it is in the bytes. */
  text(): string {
    this.#text ??= utf8(this.bytes, this.start, this.end);
    return this.#text;
  }

  /** Makes `bytes`, `start` and `end` the line. */
  needBytes(): void {
    if (this.#isText) this.setBytes(Buffer.from(this.text()), 0);
  }

  setText(text: string): void {
    this.#text = text;
    this.#isText = true;
  }

  /** Makes a range of bytes the line. They must stay as they are until the entry is through. */
  setBytes(bytes: Buffer, start: number, end = bytes.length): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.#text = undefined;
    this.#isText = false;
  }

  /** Structured metadata, in its order. */
  metadata(): readonly MetadataPair[] {
    return this.#ownMetadata();
  }

  /** Adds a pair, or replaces the value where the name is there. */
  setMetadata(name: string, value: string): void {
    const own = this.#ownMetadata();
    const at = own.findIndex((pair) => pair.name === name);
    if (at < 0) own.push({ name, value });
    else own[at] = { name, value };
  }

  /** Adds the entry, as it is now, to a batch whose arena is that of the batch it came from. */
  addTo(builder: LogBatchBuilder): void {
    const { seconds, nanos, labels } = this;
    const batch = this.#batch;
    if (this.#isText) {
      const start = builder.keepText(this.text());
      builder.add(start, builder.end, seconds, nanos, labels);
    } else if (this.bytes === batch?.bytes) {
      builder.add(this.start, this.end, seconds, nanos, labels);
    } else {
      const start = builder.keep(this.bytes, this.start, this.end);
      builder.add(start, builder.end, seconds, nanos, labels);
    }
    if (this.#metadata !== undefined) {
      for (const { name, value } of this.#metadata) builder.addPair(name, value);
    } else if (batch?.metadata !== undefined) {
      const { bytes, starts, ends } = batch.metadata;
      builder.addMetadata(bytes, starts[this.#index] ?? 0, ends[this.#index] ?? 0);
    }
  }

  /** The entry as it is now, independent of the batch it came from. */
  snapshot(): EntrySnapshot {
    this.needBytes();
    return {
      line: Buffer.from(this.bytes.subarray(this.start, this.end)),
      seconds: this.seconds,
      nanos: this.nanos,
      labels: this.labels,
      metadata: [...this.#ownMetadata()],
      extracted: this.extracted.snapshot(),
    };
  }

  /** Makes a snapshot the entry under the cursor. */
  restore({ line, seconds, nanos, labels, metadata, extracted }: EntrySnapshot): void {
    this.seconds = seconds;
    this.nanos = nanos;
    this.labels = labels;
    this.setBytes(line, 0);
    this.#metadata = [...metadata];
    this.extracted.restore(extracted);
  }

  #ownMetadata(): MetadataPair[] {
    if (this.#metadata === undefined)
      this.#metadata = this.#batch === undefined ? [] : metadataOf(this.#batch, this.#index);
    return this.#metadata;
  }
}
