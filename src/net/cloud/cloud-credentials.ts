import type { Credentials } from '../credentials.ts';
import type { HttpClient } from '../http-client.ts';
import type { CloudAuthArgs } from './fields.ts';

/** What credentials of clouds are got with. */
export interface CloudContext {
  /** For those who give out tokens. */
  readonly client: HttpClient;
  /** For services of the machine, which proxies cannot reach. */
  readonly localClient: HttpClient;
  /** The environment. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** The credentials of a cloud, if the arguments have some. What they need is loaded with the first request. */
export function cloudCredentials(args: Partial<CloudAuthArgs>, context: CloudContext): Credentials | undefined {
  const { sigv4, azuread, google_iam: googleIam } = args;
  if (sigv4 !== undefined) return lazy(async () => (await import('./sigv4.ts')).sigv4Credentials(sigv4, context));
  if (azuread !== undefined) return lazy(async () => (await import('./azuread.ts')).azureCredentials(azuread, context));
  if (googleIam === undefined) return undefined;
  return lazy(async () => (await import('./google-iam.ts')).googleCredentials(googleIam, context));
}

function lazy(load: () => Promise<Credentials>): Credentials {
  let loading: Promise<Credentials> | undefined;
  let loaded: Credentials | undefined;
  return {
    async headersFor(request, signal) {
      loaded = await (loading ??= load());
      return loaded.headersFor(request, signal);
    },
    rejected: () => loaded?.rejected?.(),
  };
}
