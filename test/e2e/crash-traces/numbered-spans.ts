import { readOtlp, writeOtlp } from '../../../src/testkit/otlp-reference.ts';

interface SpanMessage {
  readonly spanId: Uint8Array;
}

interface TraceMessage {
  readonly resourceSpans?: readonly {
    readonly scopeSpans?: readonly { readonly spans?: readonly SpanMessage[] }[];
  }[];
}

/** A request with spans whose ids are the numbers from `first` on. */
export function requestOf(first: number, count: number): Buffer {
  const spans = Array.from({ length: count }, (_, index) => {
    const spanId = Buffer.alloc(8);
    spanId.writeBigUInt64BE(BigInt(first + index));
    return {
      traceId: Buffer.alloc(16, 7),
      spanId,
      name: `span ${first + index}`,
      startTimeUnixNano: '1700000000000000000',
      endTimeUnixNano: '1700000000100000000',
      attributes: [{ key: 'number', value: { intValue: first + index } }],
    };
  });
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'numbered' } }] };
  return writeOtlp('traces', { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] });
}

/** The numbers of the spans of a request; throws if it is broken. */
export function numbersIn(request: Buffer): number[] {
  const { resourceSpans = [] } = readOtlp('traces', request) as TraceMessage;
  return resourceSpans.flatMap(({ scopeSpans = [] }) =>
    scopeSpans.flatMap(({ spans = [] }) => spans.map(({ spanId }) => Number(Buffer.from(spanId).readBigUInt64BE()))),
  );
}
