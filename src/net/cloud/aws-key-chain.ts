import { readSecret } from '../credentials.ts';
import { HttpError } from '../http-error.ts';
import { textSource } from '../text-source.ts';
import { staticKey, type ExpiringKey } from './aws-key.ts';
import { keyOfContainer, keyOfMachine } from './aws-metadata.ts';
import { awsProfile, type AwsProfile } from './aws-profile.ts';
import { assumedRole, webIdentity, type AwsRole } from './aws-sts.ts';
import type { CloudContext } from './cloud-credentials.ts';

/** How long keys in files are used before the files are read again. */
const rereadAfter = 300_000;

/** The region that is given, or that of the environment or of the profile. Rejects if there is none. */
export async function awsRegion(given: string, profile: string, context: CloudContext): Promise<string> {
  const { AWS_REGION: region, AWS_DEFAULT_REGION: otherwise } = context.variables;
  const known = given || region || otherwise;
  if (known) return known;
  const found = (await awsProfile(profile, context))?.get('region');
  if (found) return found;
  throw new HttpError('credentials', 'sigv4 has no region, and neither the environment nor the profile names one');
}

/** The key that is found where AWS tools look for one, in their order; a profile that is named comes first. */
export async function defaultKey(profile: string, region: string, context: CloudContext): Promise<ExpiringKey> {
  if (profile !== '') return keyOfProfile(profile, region, context);
  const { variables } = context;
  const fromVariables = keyOfVariables(context);
  if (fromVariables !== undefined) return fromVariables;
  const { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: arn, AWS_ROLE_SESSION_NAME: session = '' } = variables;
  if (file && arn) {
    const role = { arn, externalId: '', session, isFips: false, region: await awsRegion(region, '', context) };
    return keyOfToken(role, file, context);
  }
  const settings = await awsProfile('', context);
  if (settings !== undefined && hasKey(settings)) return keyOfProfile('', region, context);
  return (await keyOfContainer(context)) ?? keyOfMachine(context);
}

function keyOfVariables({ variables }: CloudContext): ExpiringKey | undefined {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = variables;
  return id && secret ? staticKey(id, secret, token) : undefined;
}

function hasKey(settings: AwsProfile): boolean {
  const names = ['aws_access_key_id', 'role_arn', 'sso_session', 'sso_start_url', 'credential_process'];
  return names.some((name) => settings.has(name));
}

/** The key of a profile, which may be that of a role that another profile, or something else, may assume. */
async function keyOfProfile(
  name: string,
  region: string,
  context: CloudContext,
  before: readonly string[] = [],
): Promise<ExpiringKey> {
  const settings = await awsProfile(name, context);
  const shown = `the AWS profile ${JSON.stringify(name || 'default')}`;
  if (settings === undefined) throw new HttpError('credentials', `${shown} is in none of the files`);
  const arn = settings.get('role_arn');
  const source = settings.get('source_profile');
  const otherSource = settings.get('credential_source');
  const file = settings.get('web_identity_token_file');
  // A profile can be its own source; then it has the key that its role is assumed with.
  if (!arn || before.includes(name) || (!source && !otherSource && !file)) {
    const [id, secret] = [settings.get('aws_access_key_id'), settings.get('aws_secret_access_key')];
    if (id && secret) return staticKey(id, secret, settings.get('aws_session_token'), Date.now() + rereadAfter);
    throw new HttpError('credentials', `${shown} has no key, and what it may have instead is not supported`);
  }
  const role = {
    arn,
    externalId: settings.get('external_id') ?? '',
    session: settings.get('role_session_name') ?? '',
    isFips: false,
    region: await awsRegion(region, name, context),
  };
  if (file) return keyOfToken(role, file, context);
  const key = source
    ? await keyOfProfile(source, region, context, [...before, name])
    : await keyOfSource(otherSource ?? '', context);
  return assumedRole(role, key.value, context);
}

async function keyOfSource(source: string, context: CloudContext): Promise<ExpiringKey> {
  const key =
    source === 'Environment'
      ? keyOfVariables(context)
      : source === 'EcsContainer'
        ? await keyOfContainer(context)
        : await keyOfMachine(context);
  if (key !== undefined) return key;
  throw new HttpError('credentials', `the credential_source ${JSON.stringify(source)} of AWS has no key`);
}

async function keyOfToken(role: AwsRole, file: string, context: CloudContext): Promise<ExpiringKey> {
  const token = await readSecret(textSource('', file), 'the web identity token of AWS');
  return webIdentity(role, token, context);
}
