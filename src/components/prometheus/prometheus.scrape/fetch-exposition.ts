import type { ByteBuilder } from '../../../base/byte-builder.ts';
import { ParseError, TooLargeError } from '../../../base/parse-error.ts';
import { decompress } from '../../../net/compression.ts';
import type { HttpClient } from '../../../net/http-client.ts';
import { http } from '../../../net/node-http.ts';
import type { ScrapeTarget } from './scrape-target.ts';

/** How targets are asked. */
export interface FetchSettings {
  readonly accept: string;
  readonly isCompressionWanted: boolean;
  /** The largest body, uncompressed. */
  readonly maxBodyBytes: number;
}

export interface Fetched {
  /** In the memory that was given for it, if it came without compression. */
  readonly body: Buffer;
  readonly contentType: string | undefined;
}

/** The body of a response is larger than it may be. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/** Asks a target for its metrics, with memory for the answer. Rejects if it is not complete and in time. */
export async function fetchExposition(
  client: HttpClient,
  { url, timeout }: ScrapeTarget,
  { accept, isCompressionWanted, maxBodyBytes }: FetchSettings,
  into: ByteBuilder,
  signal: AbortSignal,
): Promise<Fetched> {
  const { status, headers, body, isTruncated } = await client.request({
    method: 'GET',
    url,
    headers: {
      accept,
      'accept-encoding': isCompressionWanted ? 'gzip' : 'identity',
      'x-prometheus-scrape-timeout-seconds': String(timeout / 1000),
    },
    signal,
    timeout,
    maxResponseBytes: maxBodyBytes,
    into,
  });
  if (status !== 200)
    throw new Error(`server returned HTTP status ${status} ${http.STATUS_CODES[status] ?? ''}`.trim());
  if (isTruncated) throw tooLarge();
  const contentType = headers['content-type'];
  if (headers['content-encoding']?.trim().toLowerCase() !== 'gzip') return { body, contentType };
  return { body: await uncompressed(body, maxBodyBytes), contentType };
}

async function uncompressed(body: Buffer, maxBytes: number): Promise<Buffer> {
  const bytes = await decompress('gzip', body, Math.max(1, maxBytes));
  if (bytes instanceof TooLargeError) throw tooLarge();
  if (bytes instanceof ParseError) throw new Error(`cannot uncompress the response: ${bytes.message}`);
  return bytes;
}

function tooLarge(): BodyTooLarge {
  return new BodyTooLarge('body size limit exceeded');
}
