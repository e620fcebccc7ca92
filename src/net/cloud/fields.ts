import { bool, oneOf, secret, string } from '../../schema/attributes.ts';
import { block } from '../../schema/blocks.ts';
import type { ArgumentsOf } from '../../schema/field.ts';
import { checkHttpClient, isGiven, type HttpClientArgs } from '../http-client-fields.ts';

const sigv4 = block(
  'Signs each request with a key of AWS (Signature Version 4). Without `access_key`, the key is looked for where AWS tools do: the profile if one is named, the variables `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, a web identity (`AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN`), the files `~/.aws/credentials` and `~/.aws/config`, the container (ECS, EKS), and the machine (EC2). Profiles of SSO and of `credential_process` are not supported.',
  {
    region: string(
      'The region that requests are signed for. If empty, that of `AWS_REGION`, `AWS_DEFAULT_REGION` or the profile.',
    ).default(''),
    access_key: string('The ID of the key.').default(''),
    secret_key: secret('The secret of the key.').optional(),
    profile: string('The profile in the files of AWS that has the key.').default(''),
    role_arn: string('A role to assume with the key; requests are signed with that of the role.').default(''),
    external_id: string('The external ID that the role asks for.').default(''),
    use_fips_sts_endpoint: bool('Whether the role is assumed at the FIPS endpoint.').default(false),
    service_name: string('The service that requests are signed for; `aps` if empty.').default(''),
  },
).check(({ access_key: key, secret_key: secretKey, role_arn: role, external_id: externalId }) => {
  if ((key === '') === isGiven(secretKey)) return 'access_key and secret_key must come together';
  return externalId !== '' && role === '' ? 'external_id needs role_arn' : undefined;
});

const uuid = /^(?:urn:uuid:)?\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i;
const mustBeUuid = (id: string): string | undefined => (uuid.test(id) ? undefined : 'must be a UUID');
const mustBeTenant = (id: string): string | undefined =>
  /^[0-9a-zA-Z.-]+$/.test(id) ? undefined : 'must be the ID or the domain of a tenant';

const clientId = string('The client ID of the application.').check(mustBeUuid);
const tenantId = string('The ID of its tenant.').check(mustBeTenant);

const azuread = block('Sends a token of Microsoft Entra ID (Azure AD) with each request.', {
  cloud: oneOf('The cloud.', 'AzurePublic', 'AzureChina', 'AzureGovernment').default('AzurePublic'),
  scope: string('What the token is for. If empty, sending metrics to Azure Monitor in this cloud.')
    .default('')
    .check((scope) => (/^[\w\s:/.\\-]*$/.test(scope) ? undefined : 'has characters that a scope cannot have')),
  managed_identity: block('The token is that of a managed identity of the machine or the app service.', {
    client_id: string('The client ID of a user-assigned identity; empty for the system-assigned one.').check((id) =>
      id === '' ? undefined : mustBeUuid(id),
    ),
  }).optional(),
  workload_identity: block('The token is given out for that of a Kubernetes service account.', {
    client_id: clientId,
    tenant_id: tenantId,
    token_file_path: string(
      'The file with the token of the service account. It is read again when it changes.',
    ).default('/var/run/secrets/azure/tokens/azure-identity-token'),
  }).optional(),
  oauth: block('The token is given out for the secret of a registered application.', {
    client_id: clientId,
    client_secret: secret('The secret of the application.'),
    tenant_id: tenantId,
  }).optional(),
  sdk: block(
    'Credentials are looked for where the SDKs of Azure do: the variables `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and `AZURE_CLIENT_SECRET`, a workload identity (`AZURE_FEDERATED_TOKEN_FILE`), and a managed identity. Those of the Azure CLI are not supported.',
    {
      tenant_id: string('The ID of the tenant; that of `AZURE_TENANT_ID` if empty.').check((id) =>
        id === '' ? undefined : mustBeTenant(id),
      ),
    },
  ).optional(),
}).check(({ managed_identity: managed, workload_identity: workload, oauth, sdk }) =>
  [managed, workload, oauth, sdk].filter((way) => way !== undefined).length === 1
    ? undefined
    : 'exactly one of managed_identity, workload_identity, oauth and sdk must be configured',
);

const googleIam = block('Sends a token of Google Cloud with each request, which may write metrics.', {
  credentials_file: string(
    'A file in JSON with a service account, a user or a federated identity. It is read again when it changes. If empty, credentials are looked for where tools of Google do: the file of the variable `GOOGLE_APPLICATION_CREDENTIALS`, the one that `gcloud` has made, and the machine.',
  ).default(''),
});

/** Ways to show clouds who sends requests, beside those of `httpClientFields`. */
export const cloudAuthFields = {
  sigv4: sigv4.optional(),
  azuread: azuread.optional(),
  google_iam: googleIam.optional(),
};

export type CloudAuthArgs = ArgumentsOf<typeof cloudAuthFields>;
export type SigV4Args = NonNullable<CloudAuthArgs['sigv4']>;
export type AzureAdArgs = NonNullable<CloudAuthArgs['azuread']>;
export type GoogleIamArgs = NonNullable<CloudAuthArgs['google_iam']>;

/** What is wrong with the arguments of a client together. For the `check` of components that have both kinds. */
export function checkCloudClient(args: HttpClientArgs & CloudAuthArgs): string | undefined {
  const clouds = [args.sigv4, args.azuread, args.google_iam].filter((one) => one !== undefined).length;
  const isOther =
    args.basic_auth !== undefined ||
    args.authorization !== undefined ||
    args.oauth2 !== undefined ||
    isGiven(args.bearer_token) ||
    args.bearer_token_file !== '';
  return clouds > 1 || (clouds === 1 && isOther)
    ? 'at most one of sigv4, azuread, google_iam, basic_auth, oauth2, bearer_token & bearer_token_file must be configured'
    : checkHttpClient(args);
}
