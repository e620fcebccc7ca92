import path from 'node:path';
import { ByteBuilder } from '../../../base/byte-builder.ts';
import { GenerationCache } from '../../../base/generation-cache.ts';
import { appendTextAttribute, LogWriter } from '../../../formats/otlp/log-writer.ts';
import type { Labels } from '../../../model/labels.ts';
import { labelsOf, metadataOf, type LogBatch } from '../../../model/log-batch.ts';
import type { OtlpBatch } from '../../../model/otlp-batch.ts';
import { pieceSize, type Converter } from '../converter.ts';

/** Label sets whose attributes are remembered. */
const maxRemembered = 1000;

/** Makes log records of the entries of one batch after the other. */
export class EntryRecords implements Converter<LogBatch, OtlpBatch> {
  readonly #writer = new LogWriter();
  readonly #ofStreams = new GenerationCache<Labels, Buffer>(maxRemembered);
  readonly #attributes = new ByteBuilder();
  #batch: LogBatch | undefined;
  #at = 0;

  open(batch: LogBatch): void {
    this.#batch = batch;
    this.#at = 0;
  }

  next(): OtlpBatch | undefined {
    const batch = this.#batch;
    if (batch === undefined) return undefined;
    const writer = this.#writer;
    writer.startResource();
    writer.startScope();
    const now = Date.now();
    writer.observedSeconds = Math.floor(now / 1000);
    writer.observedNanos = (now % 1000) * 1_000_000;
    while (this.#at < batch.count && writer.size < pieceSize) this.#add(batch, this.#at++);
    if (this.#at === batch.count) this.#batch = undefined;
    return writer.finish(undefined);
  }

  #add(batch: LogBatch, index: number): void {
    const writer = this.#writer;
    const labels = labelsOf(batch, index);
    let attributes = this.#ofStream(labels);
    let size = attributes.length;
    if (hasMetadata(batch, index)) {
      this.#addMetadata(batch, index, labels, attributes);
      attributes = this.#attributes.reserve(0);
      size = this.#attributes.size;
    }
    writer.seconds = batch.seconds[index] ?? 0;
    writer.nanos = batch.nanos[index] ?? 0;
    writer.add(batch.bytes, batch.lineStarts[index] ?? 0, batch.lineEnds[index] ?? 0, attributes, 0, size);
  }

  #ofStream(labels: Labels): Buffer {
    let attributes = this.#ofStreams.get(labels);
    if (attributes === undefined) this.#ofStreams.set(labels, (attributes = attributesOf(labels)));
    return attributes;
  }

  /** Metadata under the name of a label gets another name, which is the one that Loki shows for it. */
  #addMetadata(batch: LogBatch, index: number, labels: Labels, attributes: Buffer): void {
    const out = this.#attributes;
    out.clear();
    out.append(attributes, 0, attributes.length);
    const names = new Set<string>();
    for (const { name, value } of metadataOf(batch, index)) {
      const free = labels.has(name) ? `${name}_extracted` : name;
      if (names.has(free)) continue;
      names.add(free);
      appendAttribute(out, free, value);
    }
  }
}

function hasMetadata({ metadata }: LogBatch, index: number): boolean {
  return metadata !== undefined && (metadata.ends[index] ?? 0) > (metadata.starts[index] ?? 0);
}

/** The attributes of all records of a stream. A hint tells `otelcol.exporter.loki` which of them are labels. */
function attributesOf(labels: Labels): Buffer {
  const out = new ByteBuilder();
  const filename = labels.get('filename');
  if (filename !== undefined) {
    appendAttribute(out, 'log.file.path', filename);
    appendAttribute(out, 'log.file.name', path.posix.basename(filename) || (filename === '' ? '.' : '/'));
  }
  if (labels.size > 0) appendAttribute(out, 'loki.attribute.labels', labels.names.join(','));
  for (const [name, value] of labels) appendAttribute(out, name, value);
  return out.copy();
}

function appendAttribute(out: ByteBuilder, name: string, value: string): void {
  const text = Buffer.from(value);
  appendTextAttribute(out, Buffer.from(name), text, 0, text.length);
}
