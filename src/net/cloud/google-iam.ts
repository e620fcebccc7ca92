import { createSign } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../base/message-of.ts';
import { readSecret, type Credentials } from '../credentials.ts';
import { HttpError } from '../http-error.ts';
import type { HttpHeaders } from '../http-message.ts';
import { textSource, type TextSource } from '../text-source.ts';
import { tokenCredentials, type Expiring } from '../token-cache.ts';
import { askForBearer, jsonFields, textOf, type JsonFields } from '../token-server.ts';
import type { CloudContext } from './cloud-credentials.ts';
import type { GoogleIamArgs } from './fields.ts';
import { federatedToken } from './google-federation.ts';
import { metadataTimeout } from './metadata-timeout.ts';

const scope = 'https://www.googleapis.com/auth/monitoring.write';
const userTokens = 'https://oauth2.googleapis.com/token';
const metadataHost = 'metadata.google.internal';
const assertionGrant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** Tokens of Google Cloud that may write metrics, of the file in the arguments or of what is found where tools look. */
export function googleCredentials({ credentials_file: file }: GoogleIamArgs, context: CloudContext): Credentials {
  const source = file === '' ? defaultFile(context) : textSource('', file);
  if (source === undefined) return tokenCredentials(() => tokenOfMachine(context));
  // Another content of the file is another key, so that a rotated one is used at once.
  return tokenCredentials(
    (text) => tokenFor(text, context),
    () => readSecret(source, 'credentials_file'),
  );
}

function defaultFile({ variables }: CloudContext): TextSource | undefined {
  const named = variables['GOOGLE_APPLICATION_CREDENTIALS'] ?? '';
  if (named !== '') return textSource('', named);
  const home = variables['HOME'] ?? '';
  const folder = variables['CLOUDSDK_CONFIG'] ?? (home === '' ? '' : path.join(home, '.config', 'gcloud'));
  const file = path.join(folder, 'application_default_credentials.json');
  return folder !== '' && existsSync(file) ? textSource('', file) : undefined;
}

async function tokenFor(text: string, context: CloudContext): Promise<Expiring<HttpHeaders>> {
  const fields = jsonFields(text);
  if (fields === undefined) throw new HttpError('credentials', 'the credentials of Google are not JSON');
  const token = await tokenOfType(fields, context);
  const project = textOf(fields, 'quota_project_id');
  return project === '' ? token : { ...token, value: { ...token.value, 'x-goog-user-project': project } };
}

function tokenOfType(fields: JsonFields, context: CloudContext): Promise<Expiring<HttpHeaders>> {
  const type = textOf(fields, 'type');
  switch (type) {
    case 'service_account':
      return tokenOfAccount(fields, context);
    case 'authorized_user':
      return tokenOfUser(fields, context);
    case 'external_account':
      return federatedToken(fields, scope, context);
    default:
      throw new HttpError('credentials', `credentials of Google of the type ${JSON.stringify(type)} are not supported`);
  }
}

/** A token for a statement that is signed with the key of a service account (RFC 7523). */
async function tokenOfAccount(fields: JsonFields, { client }: CloudContext): Promise<Expiring<HttpHeaders>> {
  const url = urlIn(fields, 'token_uri', userTokens);
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: textOf(fields, 'client_email'), scope, aud: url.href, iat: now, exp: now + 3600 };
  const header = { alg: 'RS256', typ: 'JWT', kid: textOf(fields, 'private_key_id') };
  const statement = `${base64Json(header)}.${base64Json(claims)}`;
  let signature: string;
  try {
    signature = createSign('RSA-SHA256').update(statement).sign(textOf(fields, 'private_key'), 'base64url');
  } catch (error) {
    throw new HttpError('credentials', `cannot sign with the key of the service account: ${messageOf(error)}`);
  }
  const form = new URLSearchParams({ grant_type: assertionGrant, assertion: `${statement}.${signature}` });
  return askForBearer(client, { url, form });
}

function tokenOfUser(fields: JsonFields, { client }: CloudContext): Promise<Expiring<HttpHeaders>> {
  const form = new URLSearchParams({ grant_type: 'refresh_token' });
  for (const name of ['client_id', 'client_secret', 'refresh_token']) form.set(name, textOf(fields, name));
  return askForBearer(client, { url: urlIn(fields, 'token_uri', userTokens), form });
}

function tokenOfMachine({ localClient, variables }: CloudContext): Promise<Expiring<HttpHeaders>> {
  const host = variables['GCE_METADATA_HOST'] || metadataHost;
  const url = URL.parse(`http://${host}/computeMetadata/v1/instance/service-accounts/default/token`);
  if (url === null) throw new HttpError('credentials', 'the variable GCE_METADATA_HOST does not hold a host');
  url.searchParams.set('scopes', scope);
  return askForBearer(localClient, { url, headers: { 'metadata-flavor': 'Google' }, timeout: metadataTimeout });
}

/** A URL in credentials, or another one if it is missing. */
function urlIn(fields: JsonFields, name: string, otherwise: string): URL {
  const url = URL.parse(textOf(fields, name) || otherwise);
  if (url !== null) return url;
  throw new HttpError('credentials', `${name} in the credentials of Google is not a URL`);
}

function base64Json(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
