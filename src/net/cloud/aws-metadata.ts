import { readSecret } from '../credentials.ts';
import { HttpError } from '../http-error.ts';
import type { HttpHeaders } from '../http-message.ts';
import { textSource } from '../text-source.ts';
import { askForFields, askForToken } from '../token-server.ts';
import { keyIn, type ExpiringKey } from './aws-key.ts';
import type { CloudContext } from './cloud-credentials.ts';
import { metadataTimeout } from './metadata-timeout.ts';

/** The key of the container (ECS, EKS), if it is in one that has a key. */
export async function keyOfContainer({ localClient, variables }: CloudContext): Promise<ExpiringKey | undefined> {
  const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative, AWS_CONTAINER_CREDENTIALS_FULL_URI: full } = variables;
  if (!relative && !full) return undefined;
  const url = URL.parse(relative ? `http://169.254.170.2${relative}` : (full ?? ''));
  if (url === null) throw new HttpError('credentials', 'AWS_CONTAINER_CREDENTIALS_FULL_URI does not hold a URL');
  const { AWS_CONTAINER_AUTHORIZATION_TOKEN: given, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file = '' } = variables;
  const token = await readSecret(textSource(file === '' ? given : '', file), 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE');
  const headers: HttpHeaders = token === '' ? {} : { authorization: token };
  return keyIn(await askForFields(localClient, { url, headers, timeout: metadataTimeout }), 'the container');
}

/** The key of the machine (EC2), by version 2 of its metadata service. */
export async function keyOfMachine({ localClient, variables }: CloudContext): Promise<ExpiringKey> {
  if (variables['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true')
    throw new HttpError('credentials', 'no key of AWS was found');
  const base = URL.parse(variables['AWS_EC2_METADATA_SERVICE_ENDPOINT'] || 'http://169.254.169.254');
  if (base === null) throw new HttpError('credentials', 'AWS_EC2_METADATA_SERVICE_ENDPOINT does not hold a URL');
  const timeout = metadataTimeout;
  const token = await askForToken(localClient, {
    method: 'PUT',
    url: new URL('/latest/api/token', base),
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '300' },
    timeout,
  });
  if (token.status !== 200)
    throw new HttpError('credentials', `the metadata service of AWS answers with status ${token.status}`);
  const headers: HttpHeaders = { 'x-aws-ec2-metadata-token': token.body.toString() };
  const folder = new URL('/latest/meta-data/iam/security-credentials/', base);
  const roles = await askForToken(localClient, { url: folder, headers, timeout });
  const [role = ''] = roles.body.toString().split('\n');
  if (roles.status !== 200 || role === '') throw new HttpError('credentials', 'the machine has no role of AWS');
  const url = new URL(encodeURIComponent(role.trim()), folder);
  return keyIn(await askForFields(localClient, { url, headers, timeout }), 'the machine');
}
