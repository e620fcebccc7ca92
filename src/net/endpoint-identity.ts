import { createHash } from 'node:crypto';
import { Secret } from '../syntax/secret.ts';

/** A server that a component sends to, as its arguments describe it. */
export interface EndpointArgs {
  /** Empty if it has none of its own. */
  readonly name: string;
  readonly url: URL;
}

/** The name of an endpoint: the one it is given, or one made from its arguments. */
export function nameOf(endpoint: EndpointArgs): string {
  return endpoint.name === '' ? fingerprintOf(endpoint).slice(0, 6) : endpoint.name;
}

/** The same for the same arguments only. */
export function fingerprintOf(endpoint: object): string {
  const text = JSON.stringify(endpoint, function (this: Readonly<Record<string, unknown>>, key, value: unknown) {
    // Secrets hide themselves before they get here, and yet tell endpoints apart.
    const original = this[key];
    if (original instanceof Secret) return original.reveal();
    return value instanceof Map ? [...value] : value;
  });
  return sha256(text);
}

/**
 * What stays the same when the other arguments of endpoints change: for each its name, or its URL and tenant, with a
 * number where several have the same. It can be the name of a folder.
 */
export function identitiesOf(
  endpoints: readonly (EndpointArgs & { readonly tenant_id?: string })[],
): readonly string[] {
  const seen = new Map<string, number>();
  return endpoints.map(({ name, url, tenant_id: tenant = '' }) => {
    const shown = name === '' ? url.host : name;
    const hash = sha256(name === '' ? `${url.href}\n${tenant}` : name).slice(0, 8);
    const identity = `${shown.replaceAll(/[^\w.-]/g, '_').slice(0, 40)}-${hash}`;
    const count = (seen.get(identity) ?? 0) + 1;
    seen.set(identity, count);
    return count === 1 ? identity : `${identity}-${count}`;
  });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
