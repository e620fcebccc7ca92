import { Secret } from '../syntax/secret.ts';
import { httpClientFields, type HttpClientArgs } from './http-client-fields.ts';

/**
 * A text that is the same for the same settings of a client, so that one and its connections can stay when only other
 * arguments of its component change. It holds secrets and must not be shown.
 */
export function httpClientIdentity(args: HttpClientArgs): string {
  const names = Object.keys(httpClientFields) as (keyof HttpClientArgs)[];
  return JSON.stringify(names.map((name) => plain(args[name])));
}

function plain(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (value instanceof URL) return value.href;
  if (value instanceof Map) return Array.from(value, ([key, field]) => [key, plain(field)]);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).map(([key, field]) => [key, plain(field)]);
}
