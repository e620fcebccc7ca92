import type { MemoryResponse } from '../../base/memory-server.ts';
import type { ApiResponse } from './api-message.ts';

/** What a client in this process gets of a response, with as much of its body as it wants. */
export async function memoryResponse(
  { status, headers, body }: ApiResponse,
  method: string,
  maxBytes: number,
): Promise<MemoryResponse> {
  if (method === 'HEAD') return { status, headers, body: Buffer.alloc(0), isTruncated: false };
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const piece of typeof body === 'string' ? [body] : body) {
    const bytes = Buffer.from(piece);
    chunks.push(bytes);
    size += bytes.length;
    if (size > maxBytes) break;
  }
  const all = chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks, size);
  return { status, headers, body: all.subarray(0, maxBytes), isTruncated: size > maxBytes };
}
