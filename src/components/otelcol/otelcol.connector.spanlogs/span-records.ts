import { ByteBuilder } from '../../../base/byte-builder.ts';
import { appendHex } from '../../../base/hex.ts';
import { appendTextAttribute, LogWriter } from '../../../formats/otlp/log-writer.ts';
import { SpanCursor, spanStatus } from '../../../formats/otlp/span-cursor.ts';
import { ValueCursor } from '../../../formats/otlp/value-cursor.ts';
import type { OtlpBatch, OtlpClient } from '../../../model/otlp-batch.ts';
import { pieceSize, type Converter } from '../converter.ts';
import type { SpanLogsArgs } from './fields.ts';
import { LineKeys } from './line-keys.ts';
import { LinePairs } from './line-pairs.ts';

/** What a record tells of. */
type RecordKind = 'process' | 'span' | 'root' | 'event';

const serviceName = Buffer.from('service.name');
const traceIdSize = 16;

/** Makes log records of the spans of one batch after the other, as the arguments say. */
export class SpanRecords implements Converter<OtlpBatch, OtlpBatch> {
  readonly #args: SpanLogsArgs;
  readonly #dropped: () => void;
  readonly #spans: SpanCursor;
  readonly #value = new ValueCursor();
  readonly #writer = new LogWriter();
  readonly #pairs: LinePairs;
  readonly #instanceTags: Readonly<Record<RecordKind, Buffer>>;
  /** The numbers of the keys. */
  readonly #keys;
  readonly #onlyRoots: boolean;
  #client: OtlpClient | undefined;
  #isInResource = false;
  #isInScope = false;
  /** Where the trace ID is of which the last process was told in this scope; -1 for the empty one. */
  #lastTraceId = -1;

  /** `dropped` is told of each record that cannot be written. */
  constructor(args: SpanLogsArgs, dropped: () => void) {
    this.#args = args;
    this.#dropped = dropped;
    const { overrides } = args;
    this.#onlyRoots = args.roots && !args.spans && !args.processes && !args.events;
    const keys = new LineKeys(args.labels);
    this.#keys = {
      name: keys.numberOf(overrides.span_name_key),
      duration: keys.numberOf(overrides.duration_key),
      status: keys.numberOf(overrides.status_key),
      service: keys.numberOf(overrides.service_key),
      traceId: keys.numberOf(overrides.trace_id_key),
      span: keys.attributes(args.span_attributes),
      process: keys.attributes(args.process_attributes),
      event: keys.attributes(args.event_attributes),
      /** The key of which a label takes the place of the instance tag. */
      instance: args.labels.includes(overrides.logs_instance_tag) ? keys.numberOf(overrides.logs_instance_tag) : -1,
    };
    this.#pairs = new LinePairs(keys);
    this.#spans = new SpanCursor(this.#keys.span.texts);
    this.#instanceTags = {
      process: instanceTag(overrides.logs_instance_tag, 'process'),
      span: instanceTag(overrides.logs_instance_tag, 'span'),
      root: instanceTag(overrides.logs_instance_tag, 'root'),
      event: instanceTag(overrides.logs_instance_tag, 'event'),
    };
  }

  open(batch: OtlpBatch): void {
    this.#spans.open(batch);
    this.#client = batch.client;
    this.#isInResource = this.#isInScope = false;
  }

  next(): OtlpBatch | undefined {
    const writer = this.#writer;
    writer.startResource();
    writer.startScope();
    while (writer.size < pieceSize && this.#nextSpan()) this.#addSpan();
    return writer.finish(this.#client);
  }

  #nextSpan(): boolean {
    const spans = this.#spans;
    for (;;) {
      if (this.#isInScope && (this.#onlyRoots ? spans.nextRoot() : spans.nextSpan())) return true;
      this.#isInScope = this.#isInResource && spans.nextScope();
      if (this.#isInScope) {
        this.#writer.startScope();
        this.#lastTraceId = -1;
        continue;
      }
      this.#isInResource = spans.nextResource();
      if (!this.#isInResource) return false;
      this.#enterResource();
      this.#writer.startResource();
    }
  }

  #addSpan(): void {
    const spans = this.#spans;
    const { spans: logsSpans, roots: logsRoots, processes: logsProcesses, events: logsEvents } = this.#args;
    if (logsProcesses && !this.#isTraceId(this.#lastTraceId)) {
      this.#lastTraceId = spans.traceId;
      this.#pairs.clear(spans.bytes);
      this.#setProcess();
      this.#add('process');
    }
    const isRoot = logsRoots && spans.parentSpanId < 0;
    if (logsSpans || isRoot) {
      this.#setSpan();
      if (logsSpans) this.#add('span');
      if (isRoot) this.#add('root');
    }
    if (logsEvents) this.#addEvents();
  }

  #addEvents(): void {
    const spans = this.#spans;
    while (spans.nextEvent()) {
      this.#setSpan();
      this.#pairs.setAttributes(spans.eventAttributes, this.#keys.event);
      this.#add('event');
    }
  }

  /** Whether the trace ID of the span is the one at that offset. */
  #isTraceId(other: number): boolean {
    const { traceId, bytes } = this.#spans;
    if (traceId < 0 || other < 0) return traceId === other;
    return bytes.compare(bytes, other, other + traceIdSize, traceId, traceId + traceIdSize) === 0;
  }

  #setSpan(): void {
    const spans = this.#spans;
    const pairs = this.#pairs;
    const keys = this.#keys;
    pairs.clear(spans.bytes);
    pairs.setText(keys.name, spans.nameStart, spans.nameEnd);
    pairs.setOwn(keys.duration, appendDuration(pairs.target, spans));
    if (spans.status !== spanStatus.unset) {
      const statusStart = pairs.target.appendAscii(statusText(spans.status));
      pairs.setOwn(keys.status, statusStart);
    }
    pairs.setSpanAttributes(spans, keys.span);
    this.#setProcess();
  }

  #setProcess(): void {
    const { bytes, traceId } = this.#spans;
    const pairs = this.#pairs;
    pairs.setSaved();
    const { target } = pairs;
    const idStart = target.size;
    if (traceId >= 0) appendHex(target, bytes, traceId, traceId + traceIdSize);
    pairs.setOwn(this.#keys.traceId, idStart);
  }

  /** Saves what all lines of the resource have. */
  #enterResource(): void {
    const { resource, bytes } = this.#spans;
    const pairs = this.#pairs;
    const service = resource.find(serviceName);
    const value = this.#value;
    pairs.clear(bytes);
    value.read(bytes, resource.valueStarts[service] ?? 0, resource.valueEnds[service] ?? 0);
    if (value.type === 'string') pairs.setText(this.#keys.service, value.start, value.end);
    else pairs.setText(this.#keys.service, 0, 0);
    pairs.setAttributes(resource, this.#keys.process);
    pairs.save();
  }

  #add(kind: RecordKind): void {
    const writer = this.#writer;
    const record = writer.startRecord();
    if (!this.#pairs.appendLine(record)) {
      writer.dropRecord();
      this.#dropped();
      return;
    }
    writer.endBody();
    const tag = this.#instanceTags[kind];
    if (!this.#pairs.has(this.#keys.instance)) record.append(tag, 0, tag.length);
    this.#pairs.appendLabels(record);
    writer.endRecord();
  }
}

function instanceTag(key: string, kind: RecordKind): Buffer {
  const out = new ByteBuilder();
  const text = Buffer.from(kind);
  appendTextAttribute(out, Buffer.from(key), text, 0, text.length);
  return out.copy();
}

/** Appends it as Go has it for a difference of 64 bits, and returns where it begins. */
function appendDuration(out: ByteBuilder, spans: SpanCursor): number {
  const nanos = spans.durationNanos;
  let at: number;
  if (nanos >= 0 && nanos < 0x8000_0000) at = out.appendInteger(nanos);
  else if (Number.isSafeInteger(nanos)) at = out.appendAscii(String(nanos));
  else {
    const start = (BigInt(spans.startHigh) << 32n) | BigInt(spans.startLow);
    const end = (BigInt(spans.endHigh) << 32n) | BigInt(spans.endLow);
    at = out.appendAscii(String(BigInt.asIntN(64, end - start)));
  }
  out.appendAscii('ns');
  return at;
}

function statusText(status: number): string {
  if (status === spanStatus.ok) return 'Ok';
  return status === spanStatus.error ? 'Error' : '';
}
