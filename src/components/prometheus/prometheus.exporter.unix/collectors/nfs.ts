import type { Collector } from '../collector.ts';
import { counter } from '../family.ts';
import { v2Operations, v3Operations, v4ClientOperations } from './nfs/operations.ts';
import { operationsIn, rpcRows } from './nfs/rpc-statistics.ts';

const packets = counter('nfs_packets_total', 'Packets of NFS that were sent and received.', 'protocol');
const connections = counter('nfs_connections_total', 'Connections of the NFS client over TCP.');
const rpcs = counter('nfs_rpcs_total', 'Calls of the NFS client.');
const retransmissions = counter('nfs_rpc_retransmissions_total', 'Calls that were sent again.');
const refreshes = counter('nfs_rpc_authentication_refreshes_total', 'Times that credentials were renewed.');
const requests = counter('nfs_requests_total', 'Requests of the NFS client.', 'proto', 'method');

const versions = [
  ['2', 'proc2', v2Operations],
  ['3', 'proc3', v3Operations],
  ['4', 'proc4', v4ClientOperations],
] as const;

export const nfs: Collector = {
  name: 'nfs',
  doc: 'What the NFS client does.',
  open:
    ({ paths, files }) =>
    (samples) => {
      const rows = rpcRows(files.text(paths.proc('net/rpc/nfs')));
      const net = rows.get('net') ?? [];
      samples.add(packets, net[1], 'udp');
      samples.add(packets, net[2], 'tcp');
      samples.add(connections, net[3]);
      for (const [index, family] of [rpcs, retransmissions, refreshes].entries())
        samples.add(family, rows.get('rpc')?.[index]);
      for (const [proto, row, operations] of versions)
        for (const [method, value] of operationsIn(rows.get(row), operations))
          samples.add(requests, value, proto, method);
    },
};
