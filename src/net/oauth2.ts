import { readSecret, type Credentials } from './credentials.ts';
import type { OAuth2Args } from './http-client-fields.ts';
import type { HttpClient } from './http-client.ts';
import type { HttpHeaders, HttpResponse } from './http-message.ts';
import { basicHeader } from './proxy.ts';
import { textSource } from './text-source.ts';
import { tokenCredentials, type Expiring } from './token-cache.ts';
import { askForToken, bearerIn, noToken } from './token-server.ts';

/** Where the ID and the secret of the client stand in a request for a token; servers differ in what they accept. */
type Style = 'header' | 'body';

/** Credentials from an OAuth 2.0 server (client credentials, RFC 6749 section 4.4). Keeps a token until it expires. */
export function oauth2Credentials(args: OAuth2Args, url: URL, client: HttpClient): Credentials {
  const source = textSource(args.client_secret, args.client_secret_file);
  let accepted: Style | undefined;
  const fetch = async (secret: string): Promise<Expiring<HttpHeaders>> => {
    let problem = '';
    for (const style of accepted === undefined ? (['header', 'body'] as const) : [accepted]) {
      const token = bearerIn(await askInStyle(style, { args, url, client, secret }));
      if (typeof token !== 'string') {
        accepted = style;
        return token;
      }
      problem = token;
    }
    throw noToken(url, problem);
  };
  return tokenCredentials(fetch, () => readSecret(source, 'client_secret_file'));
}

interface Asking {
  readonly args: OAuth2Args;
  readonly url: URL;
  readonly client: HttpClient;
  readonly secret: string;
}

function askInStyle(style: Style, { args, url, client, secret }: Asking): Promise<HttpResponse> {
  const { client_id: id, scopes, endpoint_params: params } = args;
  const form = new URLSearchParams([['grant_type', 'client_credentials'], ...params]);
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  if (style === 'body') {
    form.set('client_id', id);
    form.set('client_secret', secret);
  }
  // The standard wants both encoded as in a form before they are joined.
  const basic = basicHeader(encodeURIComponent(id), encodeURIComponent(secret));
  return askForToken(client, { url, form, headers: style === 'header' ? { authorization: basic } : {} });
}
