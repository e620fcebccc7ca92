import { readSecret, type Credentials } from '../credentials.ts';
import { HttpError } from '../http-error.ts';
import type { HttpHeaders } from '../http-message.ts';
import { textSource } from '../text-source.ts';
import { tokenCredentials, type Expiring } from '../token-cache.ts';
import { askForBearer } from '../token-server.ts';
import type { CloudContext } from './cloud-credentials.ts';
import type { AzureAdArgs } from './fields.ts';
import { metadataTimeout } from './metadata-timeout.ts';

const clouds = {
  AzurePublic: { login: 'https://login.microsoftonline.com', scope: 'https://monitor.azure.com//.default' },
  AzureChina: { login: 'https://login.chinacloudapi.cn', scope: 'https://monitor.azure.cn//.default' },
  AzureGovernment: { login: 'https://login.microsoftonline.us', scope: 'https://monitor.azure.us//.default' },
} as const;

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

type Fetch = () => Promise<Expiring<HttpHeaders>>;

/** Tokens of Microsoft Entra ID. */
export function azureCredentials(args: AzureAdArgs, context: CloudContext): Credentials {
  const { managed_identity: managed, workload_identity: workload, oauth, sdk } = args;
  const { login, scope } = clouds[args.cloud];
  const from: From = { login, scope: args.scope === '' ? scope : args.scope, context };
  if (oauth !== undefined) {
    return tokenCredentials(withSecret(from, oauth.tenant_id, oauth.client_id, () => oauth.client_secret.reveal()));
  }
  if (workload !== undefined) {
    const { tenant_id: tenant, client_id: client, token_file_path: file } = workload;
    return tokenCredentials(withServiceAccount(from, tenant, client, file));
  }
  if (managed !== undefined) return tokenCredentials(ofManagedIdentity(from, managed.client_id));
  return tokenCredentials(asSdkDoes(from, sdk?.tenant_id ?? ''));
}

interface From {
  readonly login: string;
  readonly scope: string;
  readonly context: CloudContext;
}

function asSdkDoes(from: From, wantedTenant: string): Fetch {
  const { variables } = from.context;
  const client = variables['AZURE_CLIENT_ID'] ?? '';
  const secret = variables['AZURE_CLIENT_SECRET'] ?? '';
  const file = variables['AZURE_FEDERATED_TOKEN_FILE'] ?? '';
  const tenant = variables['AZURE_TENANT_ID'] ?? '';
  if (tenant !== '' && client !== '' && secret !== '') return withSecret(from, tenant, client, () => secret);
  const accountTenant = wantedTenant === '' ? tenant : wantedTenant;
  if (accountTenant !== '' && client !== '' && file !== '') {
    return withServiceAccount(from, accountTenant, client, file);
  }
  return ofManagedIdentity(from, client);
}

function withSecret(from: From, tenant: string, client: string, secret: () => string): Fetch {
  return () => askLogin(from, tenant, client, [['client_secret', secret()]]);
}

function withServiceAccount(from: From, tenant: string, client: string, file: string): Fetch {
  const source = textSource('', file);
  return async () => {
    const assertion = await readSecret(source, 'token_file_path');
    const proof = [
      ['client_assertion_type', assertionType],
      ['client_assertion', assertion],
    ] as const;
    return askLogin(from, tenant, client, proof);
  };
}

function askLogin(
  { login, scope, context }: From,
  tenant: string,
  client: string,
  proof: readonly (readonly [string, string])[],
): Promise<Expiring<HttpHeaders>> {
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: client, scope });
  for (const [name, value] of proof) form.set(name, value);
  return askForBearer(context.client, { url: new URL(`${login}/${tenant}/oauth2/v2.0/token`), form });
}

/** Asks the service of the machine, or that of the app service, which the environment names. */
function ofManagedIdentity({ scope, context }: From, client: string): Fetch {
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header } = context.variables;
  const isAppService = endpoint !== undefined && header !== undefined;
  const headers: HttpHeaders = isAppService ? { 'x-identity-header': header } : { metadata: 'true' };
  return async () => {
    const url = URL.parse(isAppService ? endpoint : 'http://169.254.169.254/metadata/identity/oauth2/token');
    if (url === null) throw new HttpError('credentials', 'the variable IDENTITY_ENDPOINT does not hold a URL');
    url.searchParams.set('api-version', isAppService ? '2019-08-01' : '2018-02-01');
    url.searchParams.set('resource', scope.replace(/\/\.default$/, ''));
    if (client !== '') url.searchParams.set('client_id', client);
    return askForBearer(context.localClient, { url, headers, timeout: metadataTimeout });
  };
}
