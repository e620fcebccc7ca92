import { messageOf } from '../../base/message-of.ts';
import { ParseError } from '../../base/parse-error.ts';
import { FieldReader, wireType } from '../../formats/protobuf/field-reader.ts';
import type { OtlpKind } from '../../model/otlp-batch.ts';

/** What a server says about a request that it has taken. */
export interface PartialSuccess {
  /** How many items it has rejected all the same. */
  readonly rejected: number;
  readonly message: string;
}

const complete: PartialSuccess = { rejected: 0, message: '' };

/** More of what a server says is not kept. */
const maxMessage = 1024;

/** Reads the response to an export request as protobuf, which is the same for all kinds. An empty one is whole. */
export function readExportResponse(body: Buffer): PartialSuccess | ParseError {
  let { rejected, message } = complete;
  const outer = new FieldReader();
  const inner = new FieldReader();
  outer.open(body, 0, body.length);
  while (outer.next()) {
    if (!outer.is(1, wireType.bytes)) continue;
    inner.open(body, outer.start, outer.end);
    while (inner.next()) {
      if (inner.is(1, wireType.varint)) rejected = countOf(inner.value);
      else if (inner.is(2, wireType.bytes)) message = body.toString('utf8', inner.start, inner.end);
    }
    if (inner.isBroken) break;
  }
  if (outer.isBroken || inner.isBroken) return new ParseError('is not a response to an export request');
  return { rejected, message: message.slice(0, maxMessage) };
}

const rejectedNames: Readonly<Record<OtlpKind, readonly [camel: string, snake: string]>> = {
  traces: ['rejectedSpans', 'rejected_spans'],
  metrics: ['rejectedDataPoints', 'rejected_data_points'],
  logs: ['rejectedLogRecords', 'rejected_log_records'],
};

/** Reads the same in JSON. */
export function readJsonExportResponse(kind: OtlpKind, body: Buffer): PartialSuccess | ParseError {
  if (body.length === 0) return complete;
  let response: unknown;
  try {
    response = JSON.parse(body.toString());
  } catch (error) {
    return new ParseError(messageOf(error));
  }
  if (!isObject(response)) return new ParseError('is not an object');
  const partial = response['partialSuccess'] ?? response['partial_success'] ?? {};
  if (!isObject(partial)) return new ParseError('partialSuccess is not an object');
  const [camel, snake] = rejectedNames[kind];
  const message = partial['errorMessage'] ?? partial['error_message'] ?? '';
  return {
    rejected: countOf(Number(partial[camel] ?? partial[snake] ?? 0)),
    message: (typeof message === 'string' ? message : JSON.stringify(message)).slice(0, maxMessage),
  };
}

/** A count that a server tells; none for what cannot be one. */
function countOf(value: number): number {
  return Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
