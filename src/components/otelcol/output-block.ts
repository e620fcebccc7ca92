import { DeliveryError, type Consumer } from '../../flow/delivery.ts';
import { otlp } from '../../formats/otlp/otlp-signal.ts';
import { otlpItems, type OtlpBatch, type OtlpKind } from '../../model/otlp-batch.ts';
import { block, type BlockField } from '../../schema/blocks.ts';
import type { Attribute, Fields } from '../../schema/field.ts';
import { optionalOutput } from '../../schema/receiver.ts';

type OutputAttribute = Attribute<Consumer<OtlpBatch> | undefined>;

/** Where a component sends what it makes, by kind; undefined for a kind that goes nowhere. */
export type OtlpOutputs = Readonly<Record<OtlpKind, Consumer<OtlpBatch> | undefined>>;

const outputs: Readonly<Record<OtlpKind, OutputAttribute>> & Fields = {
  metrics: optionalOutput(`Where ${otlpItems.metrics} go.`, otlp),
  logs: optionalOutput(`Where ${otlpItems.logs} go.`, otlp),
  traces: optionalOutput(`Where ${otlpItems.traces} go.`, otlp),
};

/**
 * The `output` block. All components take all three lists, as in Alloy; those that make only some kinds say so in
 * `doc`, and what is in the other lists gets nothing.
 */
export function outputBlock(doc: string): BlockField<typeof outputs, OtlpOutputs> {
  return block(doc, outputs);
}

/** The consumer for batches of a kind; refuses them for good where there is none. */
export function outputFor(to: OtlpOutputs, kind: OtlpKind): Consumer<OtlpBatch> {
  const consumer = to[kind];
  if (consumer === undefined) throw unsupported();
  return consumer;
}

/** Why a component does not take batches of a kind. */
export function unsupported(): DeliveryError {
  return new DeliveryError('telemetry type is not supported', { retryable: false });
}
