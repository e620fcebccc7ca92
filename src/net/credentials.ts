import { messageOf } from '../base/message-of.ts';
import type { HttpClientArgs } from './http-client-fields.ts';
import { isGiven } from './http-client-fields.ts';
import { HttpError } from './http-error.ts';
import type { HttpHeaders } from './http-message.ts';
import { basicHeader } from './proxy.ts';
import { textSource, type TextSource } from './text-source.ts';

/** A request as it will be sent, but for what shows who sends it. */
export interface UnsignedRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: HttpHeaders;
  readonly body: Buffer | undefined;
}

/** Shows a peer who sends requests. */
export interface Credentials {
  /** Headers to add to a request. Rejects with an HttpError if there should be some and cannot be. */
  headersFor(request: UnsignedRequest, signal: AbortSignal): Promise<HttpHeaders>;
  /** Tells that a peer did not accept the last headers. */
  rejected?(): void;
}

export const noCredentials: Credentials = { headersFor: () => Promise.resolve({}) };

/** The credentials of the arguments that need nobody else. Files are read for each request, if they have changed. */
export function staticCredentials(args: HttpClientArgs): Credentials {
  const { basic_auth: basic, authorization } = args;
  if (basic !== undefined) {
    const password = textSource(basic.password, basic.password_file);
    return authorized(async () => basicHeader(basic.username, await readSecret(password, 'password_file')));
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
  return authorized(async () => `${type} ${await readSecret(source, name)}`);
}

function authorized(header: () => Promise<string>): Credentials {
  return { headersFor: async () => ({ authorization: await header() }) };
}

/** The text of a secret without the line break that files end in; `name` is the attribute that names the file. */
export async function readSecret(source: TextSource | undefined, name: string): Promise<string> {
  try {
    return ((await source?.read()) ?? '').trim();
  } catch (error) {
    throw new HttpError('credentials', `cannot read ${name}: ${messageOf(error)}`, error);
  }
}
