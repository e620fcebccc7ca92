import { readSecret } from '../credentials.ts';
import { HttpError } from '../http-error.ts';
import type { HttpHeaders } from '../http-message.ts';
import { textSource } from '../text-source.ts';
import type { Expiring } from '../token-cache.ts';
import { askForBearer, askForFields, askForToken, jsonFields, textOf, type JsonFields } from '../token-server.ts';
import type { CloudContext } from './cloud-credentials.ts';

const exchangeTokens = 'https://sts.googleapis.com/v1/token';
const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessToken = 'urn:ietf:params:oauth:token-type:access_token';
const platformScope = 'https://www.googleapis.com/auth/cloud-platform';

/**
 * A token for one that another identity provider has given out, which is in a file or at a URL: it is exchanged (RFC
 * 8693), and then often for one of a service account.
 */
export async function federatedToken(
  fields: JsonFields,
  scope: string,
  context: CloudContext,
): Promise<Expiring<HttpHeaders>> {
  const account = textOf(fields, 'service_account_impersonation_url');
  const form = new URLSearchParams({
    grant_type: exchangeGrant,
    audience: textOf(fields, 'audience'),
    scope: account === '' ? scope : platformScope,
    requested_token_type: accessToken,
    subject_token: await subjectToken(objectIn(fields, 'credential_source'), context),
    subject_token_type: textOf(fields, 'subject_token_type'),
  });
  const token = await askForBearer(context.client, { url: urlOf(textOf(fields, 'token_url') || exchangeTokens), form });
  if (account === '') return token;
  const answer = await askForFields(context.client, {
    url: urlOf(account),
    headers: token.value,
    json: { scope: [scope], lifetime: '3600s' },
  });
  const validUntil = Date.parse(textOf(answer, 'expireTime'));
  return {
    value: { authorization: `Bearer ${textOf(answer, 'accessToken')}` },
    validUntil: Number.isNaN(validUntil) ? token.validUntil : validUntil - 10_000,
  };
}

async function subjectToken(source: JsonFields, { client }: CloudContext): Promise<string> {
  const file = textOf(source, 'file');
  const url = textOf(source, 'url');
  if (file === '' && url === '') {
    throw new HttpError('credentials', 'the credential_source of Google names neither a file nor a URL');
  }
  const text = file === '' ? await fetched(url, objectIn(source, 'headers'), client) : await contentOf(file);
  const format = objectIn(source, 'format');
  if (textOf(format, 'type') !== 'json') return text;
  return textOf(jsonFields(text) ?? new Map(), textOf(format, 'subject_token_field_name'));
}

function contentOf(file: string): Promise<string> {
  return readSecret(textSource('', file), 'the file of credential_source');
}

async function fetched(url: string, headers: JsonFields, client: CloudContext['client']): Promise<string> {
  const given = Array.from(headers, ([name, value]) => [name.toLowerCase(), String(value)]);
  const { status, body } = await askForToken(client, { url: urlOf(url), headers: Object.fromEntries(given) as HttpHeaders }); // prettier-ignore
  if (status === 200) return body.toString().trim();
  throw new HttpError('credentials', `the URL of credential_source answers with status ${status}`);
}

function urlOf(text: string): URL {
  const url = URL.parse(text);
  if (url !== null) return url;
  throw new HttpError('credentials', `${JSON.stringify(text)} in the credentials of Google is not a URL`);
}

function objectIn(fields: JsonFields, name: string): JsonFields {
  const value = fields.get(name);
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);
}
