import { isAllowed, type Stability } from '../../../base/stability.ts';
import { fingerprintOf, nameOf } from '../../../net/endpoint-identity.ts';
import { checkHttpClient, isGiven } from '../../../net/http-client-fields.ts';
import { writeProtocols } from '../../../formats/remote-write/write-request.ts';
import type { EndpointArgs, RemoteWriteArgs } from './fields.ts';

/** What is wrong with the arguments together. */
export function checkRemoteWrite({ endpoint }: RemoteWriteArgs, minimumStability: Stability): string | undefined {
  for (const one of endpoint) {
    const problem = checkAuthentication(one) ?? checkHttpClient(one);
    if (problem !== undefined) return problem;
    if (one.protobuf_message === writeProtocols.v2.message && !isAllowed('experimental', minimumStability))
      return `protobuf_message ${JSON.stringify(one.protobuf_message)} requires stability.level flag to be experimental`;
  }
  const prints = endpoint.map(fingerprintOf);
  if (new Set(prints).size < prints.length) return 'duplicate remote write configs are not allowed';
  const names = endpoint.map(nameOf);
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  return repeated === undefined ? undefined : `found multiple endpoints with the name ${JSON.stringify(repeated)}`;
}

function checkAuthentication(endpoint: EndpointArgs): string | undefined {
  const { sigv4, azuread, google_iam: googleIam } = endpoint;
  const clouds = Object.entries({ sigv4, azuread, google_iam: googleIam }).filter(([, block]) => block !== undefined);
  const others = [
    endpoint.basic_auth !== undefined,
    endpoint.authorization !== undefined,
    endpoint.oauth2 !== undefined,
    isGiven(endpoint.bearer_token),
    endpoint.bearer_token_file !== '',
  ];
  const [first] = clouds;
  if (first === undefined) return undefined;
  if (clouds.length + others.filter(Boolean).length > 1) {
    return 'at most one of sigv4, azuread, google_iam, basic_auth, oauth2, bearer_token & bearer_token_file must be configured';
  }
  return `${first[0]} is not supported yet`;
}
