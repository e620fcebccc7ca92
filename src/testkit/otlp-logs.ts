import { otelcolExporterLoki } from '../components/otelcol/otelcol.exporter.loki.ts';
import { entriesIn, type TestEntry } from './log-entries.ts';
import { deliverOtlp, otlpBatch } from './otlp-batch.ts';
import { runComponent } from './run-component.ts';

/** Values that JavaScript has no literal for. */
export const any = {
  empty: Symbol('empty'),
  bytes: (text: string): Buffer => Buffer.from(text),
};

/** The time of the records of `recordOf`. */
export const time = '2023-11-14T22:13:20Z';

type Message = Readonly<Record<string, unknown>>;

/** A value as a message: whole numbers are integers, and `any.empty` is the empty value. */
export function valueOf(value: unknown): Message {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') return Number.isSafeInteger(value) ? { intValue: value } : { doubleValue: value };
  if (Buffer.isBuffer(value)) return { bytesValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(valueOf) } };
  return typeof value === 'object' ? { kvlistValue: { values: attributesOf(value as Message) } } : {};
}

/** Attributes as messages, in the order of an object. */
export function attributesOf(record: Message): Message[] {
  return Object.entries(record).map(([key, value]) => ({ key, value: valueOf(value) }));
}

/** A log record as a message, with the body and the attributes as plain values. */
export function recordOf({
  body,
  attributes = {},
  ...rest
}: Message & { readonly attributes?: Message }): Message & { readonly attributes: Message[] } {
  return {
    timeUnixNano: '1700000000000000000',
    ...(body === undefined ? {} : { body: valueOf(body) }),
    attributes: attributesOf(attributes),
    ...rest,
  };
}

/** A logs request with records of one resource and scope. */
export function requestOf(resource: Message, ...logRecords: readonly Message[]): Message {
  return { resourceLogs: [{ resource: { attributes: attributesOf(resource) }, scopeLogs: [{ logRecords }] }] };
}

/** The entries that `otelcol.exporter.loki` makes of a request. */
export async function entriesOf(request: Message): Promise<TestEntry[]> {
  await using c = await runComponent(otelcolExporterLoki, 'forward_to = [out]');
  await deliverOtlp(c.exports.input, otlpBatch('logs', request));
  return entriesIn(c.out.batches);
}
