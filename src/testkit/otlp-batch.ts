import { send, type Consumer } from '../flow/delivery.ts';
import type { OtlpBatch, OtlpKind } from '../model/otlp-batch.ts';
import { writeOtlp } from './otlp-reference.ts';

/** A batch of what the objects of protobufjs say. */
export function otlpBatch(kind: OtlpKind, request: Readonly<Record<string, unknown>>, count = 0): OtlpBatch {
  return { kind, chunks: [writeOtlp(kind, request)], count, client: undefined };
}

/** Sends a batch, and resolves when it was delivered. */
export function deliverOtlp(to: Consumer<OtlpBatch>, batch: OtlpBatch): Promise<void> {
  const { accepted, delivered } = send(to, batch, new AbortController().signal);
  accepted.catch(() => undefined);
  return delivered;
}
