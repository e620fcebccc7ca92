import { createRequire } from 'node:module';
import type { UnsignedRequest } from '../credentials.ts';
import type { HttpHeaders } from '../http-message.ts';
import type { AwsKey } from './aws-key.ts';

/** The part of the aws4 package that is used. */
interface Aws4 {
  sign(
    request: {
      readonly method: string;
      readonly host: string;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: Buffer | undefined;
      readonly service: string;
      readonly region: string;
    },
    key: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken: string },
  ): { readonly headers: Readonly<Record<string, string | number>> };
}

const require = createRequire(import.meta.url);

/** Whom and what a signature is for. */
export interface SigningScope {
  readonly key: AwsKey;
  readonly region: string;
  readonly service: string;
}

/** Headers that may change on the way, as they are for tracing. */
const unsignedHeaders: ReadonlySet<string> = new Set(['uber-trace-id']);

/** The headers that sign a request (AWS Signature Version 4), over all others that it has. */
export function signedHeaders(request: UnsignedRequest, { key, region, service }: SigningScope): HttpHeaders {
  const { method, url, body } = request;
  const { sign } = require('aws4') as Aws4;
  const given = Object.entries(request.headers).filter(([name]) => !unsignedHeaders.has(name));
  const signed = sign(
    {
      method,
      host: url.host,
      path: url.pathname + url.search,
      headers: Object.fromEntries(given.map(([name, value]) => [name, headerBytes(value)])),
      body,
      service,
      region,
    },
    { accessKeyId: key.id, secretAccessKey: key.secret, sessionToken: key.sessionToken },
  );
  const added = Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  return Object.fromEntries(added.filter(([name]) => !(name in request.headers)));
}

/** What a header is signed as: the values of a list together, and its bytes, each of which is one character. */
function headerBytes(value: string | string[]): string {
  return Buffer.from(Array.isArray(value) ? value.join(',') : value, 'latin1').toString();
}
