import { HttpError } from '../http-error.ts';
import type { Expiring } from '../token-cache.ts';
import { textOf, type JsonFields } from '../token-server.ts';

/** What signs requests to AWS. */
export interface AwsKey {
  readonly id: string;
  readonly secret: string;
  /** Goes with keys that are valid for a while only; empty for others. */
  readonly sessionToken: string;
}

export type ExpiringKey = Expiring<AwsKey>;

/** A key is replaced this long before it expires. */
const expiryMargin = 60_000;

export function staticKey(id: string, secret: string, sessionToken = '', validUntil = Infinity): ExpiringKey {
  return { value: { id, secret, sessionToken }, validUntil };
}

/** A key that expires at a moment, in the form of RFC 3339. */
export function keyUntil(id: string, secret: string, sessionToken: string, expiration: string): ExpiringKey {
  const validUntil = Date.parse(expiration);
  return staticKey(id, secret, sessionToken, Number.isNaN(validUntil) ? Date.now() : validUntil - expiryMargin);
}

/** The key in an answer of the services of machines and containers. */
export function keyIn(fields: JsonFields, whose: string): ExpiringKey {
  const id = textOf(fields, 'AccessKeyId');
  const secret = textOf(fields, 'SecretAccessKey');
  if (id === '' || secret === '') throw new HttpError('credentials', `${whose} gives out no key of AWS`);
  return keyUntil(id, secret, textOf(fields, 'Token'), textOf(fields, 'Expiration'));
}
