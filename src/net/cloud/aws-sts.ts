import { randomUUID } from 'node:crypto';
import { HttpError, shownUrl } from '../http-error.ts';
import { askForToken } from '../token-server.ts';
import { keyUntil, type AwsKey, type ExpiringKey } from './aws-key.ts';
import { signedHeaders } from './aws-signature.ts';
import type { CloudContext } from './cloud-credentials.ts';

/** A role whose key is asked for. */
export interface AwsRole {
  readonly arn: string;
  /** Empty if the role asks for none. */
  readonly externalId: string;
  /** What the session is called; empty for any name. */
  readonly session: string;
  readonly region: string;
  readonly isFips: boolean;
}

const formType = { 'content-type': 'application/x-www-form-urlencoded' };

/** The key of a role that the owner of another key may assume. */
export function assumedRole(role: AwsRole, key: AwsKey, context: CloudContext): Promise<ExpiringKey> {
  const form = formFor('AssumeRole', role);
  if (role.externalId !== '') form.set('ExternalId', role.externalId);
  const url = endpointOf(role, context);
  const unsigned = {
    method: 'POST',
    url,
    headers: { ...formType, host: url.host },
    body: Buffer.from(form.toString()),
  };
  const { host: _, ...headers } = {
    ...unsigned.headers,
    ...signedHeaders(unsigned, { key, region: role.region, service: 'sts' }),
  };
  return askFor(form, url, headers, context);
}

/** The key of a role for a token that an identity provider has given out. */
export function webIdentity(role: AwsRole, token: string, context: CloudContext): Promise<ExpiringKey> {
  const form = formFor('AssumeRoleWithWebIdentity', role);
  form.set('WebIdentityToken', token);
  return askFor(form, endpointOf(role, context), formType, context);
}

function formFor(action: string, { arn, session }: AwsRole): URLSearchParams {
  const name = session === '' ? `millrace-${randomUUID()}` : session;
  return new URLSearchParams({ Action: action, Version: '2011-06-15', RoleArn: arn, RoleSessionName: name });
}

function endpointOf({ region, isFips }: AwsRole, { variables }: CloudContext): URL {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const service = isFips && !region.startsWith('us-gov-') ? 'sts-fips' : 'sts';
  const url = URL.parse(variables['AWS_ENDPOINT_URL_STS'] || `https://${service}.${region}.${domain}/`);
  if (url !== null) return url;
  throw new HttpError('credentials', `no URL of the token service in the region ${JSON.stringify(region)}`);
}

async function askFor(
  form: URLSearchParams,
  url: URL,
  headers: Readonly<Record<string, string | string[]>>,
  { client }: CloudContext,
): Promise<ExpiringKey> {
  const { status, body } = await askForToken(client, { url, form, headers: { ...headers, accept: 'text/xml' } });
  const text = body.toString();
  const [id, secret] = [element(text, 'AccessKeyId'), element(text, 'SecretAccessKey')];
  if (status !== 200 || id === '' || secret === '') {
    const code = element(text, 'Code');
    const shown = /^\w{1,64}$/.test(code) ? `status ${status} (${code})` : `status ${status}`;
    throw new HttpError('credentials', `no key for the role from ${shownUrl(url)}: ${shown}`);
  }
  return keyUntil(id, secret, element(text, 'SessionToken'), element(text, 'Expiration'));
}

/** The text of an element of an XML document in which each has a name of its own and no text has entities. */
function element(xml: string, name: string): string {
  return RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]?.trim() ?? '';
}
