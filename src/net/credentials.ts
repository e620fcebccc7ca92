import { messageOf } from '../base/message-of.ts';
import type { HttpClientArgs } from './http-client-fields.ts';
import { isGiven } from './http-client-fields.ts';
import { HttpError } from './http-error.ts';
import { basicHeader } from './proxy.ts';
import { textSource, type TextSource } from './text-source.ts';

/** What a client sends as the Authorization header. */
export interface Credentials {
  /** The header for a request, or none. Rejects with an HttpError if there should be one and cannot be. */
  header(signal: AbortSignal): Promise<string | undefined>;
  /** Tells that a peer did not accept the last header. */
  rejected?(): void;
}

export const noCredentials: Credentials = { header: () => Promise.resolve(undefined) };

/** The credentials of the arguments other than `oauth2`. Files are read for each request, if they have changed. */
export function staticCredentials(args: HttpClientArgs): Credentials {
  const { basic_auth: basic, authorization } = args;
  if (basic !== undefined) {
    const password = textSource(basic.password, basic.password_file);
    return { header: async () => basicHeader(basic.username, await readSecret(password, 'password_file')) };
  }
  if (authorization !== undefined) {
    const source = textSource(authorization.credentials, authorization.credentials_file);
    const type = authorization.type.trim() || 'Bearer';
    if (source !== undefined) return prefixed(type, source, 'credentials_file');
  }
  if (isGiven(args.bearer_token) || args.bearer_token_file !== '') {
    const source = textSource(args.bearer_token, args.bearer_token_file);
    if (source !== undefined) return prefixed('Bearer', source, 'bearer_token_file');
  }
  return noCredentials;
}

function prefixed(type: string, source: TextSource, name: string): Credentials {
  return { header: async () => `${type} ${await readSecret(source, name)}` };
}

/** The text of a secret without the line break that files end in; `name` is the attribute that names the file. */
export async function readSecret(source: TextSource | undefined, name: string): Promise<string> {
  try {
    return ((await source?.read()) ?? '').trim();
  } catch (error) {
    throw new HttpError('credentials', `cannot read ${name}: ${messageOf(error)}`, error);
  }
}
