import { bool, secret, string } from '../../../schema/attributes.ts';
import { block } from '../../../schema/blocks.ts';

/*
 * Ways to authenticate to clouds. They can be read, so that a configuration that has them gets one clear message.
 */

export const sigv4 = block('Signatures of AWS. Not supported yet: a configuration with it is refused.', {
  region: string('The region.').default(''),
  access_key: string('The access key.').default(''),
  secret_key: secret('The secret key.').optional(),
  profile: string('The profile.').default(''),
  role_arn: string('The role to assume.').default(''),
  external_id: string('The external ID for the role.').default(''),
  use_fips_sts_endpoint: bool('Whether the FIPS endpoint gives out credentials.').default(false),
  service_name: string('The service that requests are signed for.').default(''),
}).optional();

const clientId = string('The ID of the client.');
const tenantId = string('The ID of the tenant.');

export const azuread = block('Tokens of Azure AD. Not supported yet: a configuration with it is refused.', {
  cloud: string('The cloud.').default('AzurePublic'),
  scope: string('The scope of tokens.').default(''),
  managed_identity: block('A managed identity.', { client_id: clientId }).optional(),
  workload_identity: block('A workload identity.', {
    client_id: clientId,
    tenant_id: tenantId,
    token_file_path: string('The file with the token of the service account.').default(''),
  }).optional(),
  oauth: block('A registered application.', {
    client_id: clientId,
    client_secret: secret('The secret of the client.'),
    tenant_id: tenantId,
  }).optional(),
  sdk: block('The credentials that the SDK finds.', { tenant_id: tenantId }).optional(),
}).optional();

export const googleIam = block('Credentials of Google. Not supported yet: a configuration with it is refused.', {
  credentials_file: string('The file with the credentials.').default(''),
}).optional();
