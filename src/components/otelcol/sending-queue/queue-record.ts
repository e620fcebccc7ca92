import { otlpKinds, type OtlpBatch, type OtlpClient, type OtlpKind } from '../../../model/otlp-batch.ts';
import { decodeJsonRecord, encodeJsonRecord } from '../../../storage/json-record.ts';

interface Header {
  readonly kind: OtlpKind;
  readonly count: number;
  /** Tells the requests of one run of the program from those of others. */
  readonly run: string;
  readonly client?: ClientHeader;
}

interface ClientHeader {
  readonly address?: string;
  readonly metadata: readonly (readonly [name: string, values: readonly string[]])[];
  readonly auth: readonly (readonly [name: string, value: string])[];
}

/** A request as it was read from a queue on disk. */
export interface StoredBatch {
  readonly batch: OtlpBatch;
  readonly run: string;
}

/** A request as it is written to a queue on disk. */
export function encodeBatch({ kind, count, client, chunks }: OtlpBatch, run: string): Buffer {
  const header: Header = { kind, count, run, ...(client === undefined ? {} : { client: clientHeader(client) }) };
  return encodeJsonRecord(header, ...chunks);
}

/** Reads a record; undefined if it is none, as one of another version. Its content is not copied. */
export function decodeBatch(record: Buffer): StoredBatch | undefined {
  const decoded = decodeJsonRecord(record);
  if (decoded === undefined || typeof decoded.header !== 'object' || decoded.header === null) return undefined;
  const { kind, count, run, client } = decoded.header as Partial<Header>;
  if (kind === undefined || !otlpKinds.includes(kind) || typeof run !== 'string') return undefined;
  if (typeof count !== 'number' || !(count >= 0)) return undefined;
  const sender = client === undefined ? undefined : clientOf(client);
  return { batch: { kind, count, chunks: [decoded.body], client: sender }, run };
}

function clientHeader({ address, metadata, auth }: OtlpClient): ClientHeader {
  return { ...(address === undefined ? {} : { address }), metadata: [...metadata], auth: [...auth] };
}

function clientOf(header: ClientHeader): OtlpClient | undefined {
  try {
    return { address: header.address, metadata: new Map(header.metadata), auth: new Map(header.auth) };
  } catch {
    // Not as we write it; the telemetry is worth more than who sent it.
    return undefined;
  }
}
