import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** A request as a server sees it. */
export interface SignedRequest {
  readonly method: string;
  /** Without a query, and with nothing in it that is to be encoded. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What AWS compares the Authorization header of a request with, by its description of Signature Version 4. */
export function expectedAuthorization({ method, path, headers, body }: SignedRequest, secret: string): string {
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const hash = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
  const [, id = '', scope = '', names = ''] =
    /Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+)/.exec(String(headers.authorization)) ?? [];
  const lines = names.split(';').map((name) => `${name}:${String(headers[name])}\n`);
  // What comes as a header is one character a byte.
  const canonical = Buffer.from([method, path, '', lines.join(''), names, hash(body)].join('\n'), 'latin1');
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const text = ['AWS4-HMAC-SHA256', String(headers['x-amz-date']), scope, hash(canonical)].join('\n');
  return `AWS4-HMAC-SHA256 Credential=${id}/${scope}, SignedHeaders=${names}, Signature=${hmac(key, text).toString('hex')}`;
}
