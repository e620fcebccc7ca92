import { isGiven } from '../http-client-fields.ts';
import type { Credentials } from '../credentials.ts';
import { TokenCache } from '../token-cache.ts';
import { assumedRole } from './aws-sts.ts';
import { awsRegion, defaultKey } from './aws-key-chain.ts';
import { staticKey, type AwsKey, type ExpiringKey } from './aws-key.ts';
import { signedHeaders } from './aws-signature.ts';
import type { CloudContext } from './cloud-credentials.ts';
import type { SigV4Args } from './fields.ts';

/** Signatures of AWS. */
export function sigv4Credentials(args: SigV4Args, context: CloudContext): Credentials {
  const { region: wanted, profile, service_name: service } = args;
  const keys = new TokenCache<AwsKey>(() => keyFor(args, context));
  return {
    async headersFor(request, signal) {
      const region = await awsRegion(wanted, profile, context);
      const key = await keys.get(signal);
      return signedHeaders(request, { key, region, service: service === '' ? 'aps' : service });
    },
    rejected: () => keys.forget(),
  };
}

async function keyFor(args: SigV4Args, context: CloudContext): Promise<ExpiringKey> {
  const { access_key: id, secret_key: secret, profile, role_arn: arn } = args;
  const key =
    id !== '' && isGiven(secret) ? staticKey(id, secret.reveal()) : await defaultKey(profile, args.region, context);
  if (arn === '') return key;
  const region = await awsRegion(args.region, profile, context);
  const role = { arn, externalId: args.external_id, session: '', region, isFips: args.use_fips_sts_endpoint };
  return assumedRole(role, key.value, context);
}
