import { isAllowed, type Stability } from '../../../base/stability.ts';
import { checkCloudClient } from '../../../net/cloud/fields.ts';
import { fingerprintOf, nameOf } from '../../../net/endpoint-identity.ts';
import { writeProtocols } from '../../../formats/remote-write/write-request.ts';
import type { RemoteWriteArgs } from './fields.ts';

/** What is wrong with the arguments together. */
export function checkRemoteWrite({ endpoint }: RemoteWriteArgs, minimumStability: Stability): string | undefined {
  for (const one of endpoint) {
    const problem = checkCloudClient(one);
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
