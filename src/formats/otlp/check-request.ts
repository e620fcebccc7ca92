import { ParseError } from '../../base/parse-error.ts';
import type { OtlpBatch, OtlpClient, OtlpKind } from '../../model/otlp-batch.ts';
import { isMessage, met, startCheck } from './check-message.ts';
import { requestTypes } from './check-table.ts';
import { migrateDeprecatedScopes } from './deprecated-scopes.ts';
import { spanIndex } from './span-index.ts';

/**
 * Makes a batch of the bytes of an export request, which it keeps. They are checked at every depth, so that whoever reads
 * the batch need not: tags, wire types, lengths, lengths of ids, and nesting. A metric must not have data of two types.
 * Text that is no UTF-8 passes, and so do unknown fields.
 */
export function checkOtlpRequest(kind: OtlpKind, body: Buffer, client?: OtlpClient): OtlpBatch | ParseError {
  const chunks = body.length === 0 ? [] : [body];
  // Usual spans are checked while they are indexed for those who read them next.
  if (kind === 'traces' && spanIndex.fill(chunks)) {
    const batch: OtlpBatch = { kind, chunks, count: spanIndex.count, client };
    spanIndex.belongsTo(batch);
    return batch;
  }
  startCheck();
  if (!isMessage(body, requestTypes[kind], 0, body.length, 0)) return new ParseError(met.problem);
  if (met.hasDeprecated) return checkOtlpRequest(kind, migrateDeprecatedScopes(body), client);
  return { kind, chunks, count: met.items, client };
}
