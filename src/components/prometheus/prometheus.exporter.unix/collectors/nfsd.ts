import type { Collector } from '../collector.ts';
import { counter, gauge } from '../family.ts';
import { v2Operations, v3Operations, v4ServerOperations } from './nfs/operations.ts';
import { operationsIn, rpcRows } from './nfs/rpc-statistics.ts';

const packets = counter('nfsd_packets_total', 'Packets that the NFS server received.', 'proto');
const errors = counter('nfsd_rpc_errors_total', 'Calls that the NFS server refused.', 'error');
const requests = counter('nfsd_requests_total', 'Requests to the NFS server.', 'proto', 'method');

/** Single numbers: the row and column they are in. */
const numbers = [
  ['rc', 0, counter('nfsd_reply_cache_hits_total', 'Requests that were answered from the reply cache.')],
  ['rc', 1, counter('nfsd_reply_cache_misses_total', 'Requests whose answer was not in the reply cache.')],
  ['rc', 2, counter('nfsd_reply_cache_nocache_total', 'Requests whose answer is not cached.')],
  ['fh', 0, counter('nfsd_file_handles_stale_total', 'File handles that had become stale.')],
  ['io', 0, counter('nfsd_disk_bytes_read_total', 'Bytes that the NFS server read.')],
  ['io', 1, counter('nfsd_disk_bytes_written_total', 'Bytes that the NFS server wrote.')],
  ['th', 0, gauge('nfsd_server_threads', 'Threads of the NFS server.')],
  ['ra', 0, gauge('nfsd_read_ahead_cache_size_blocks', 'Size of the read-ahead cache.')],
  ['ra', 11, counter('nfsd_read_ahead_cache_not_found_total', 'Reads that were not in the read-ahead cache.')],
  ['net', 3, counter('nfsd_connections_total', 'Connections of the NFS server over TCP.')],
  ['rpc', 0, counter('nfsd_server_rpcs_total', 'Calls to the NFS server.')],
] as const;

/** Rows with the operations of a version; the first of the older ones does nothing and is not told. */
const versions = [
  ['2', 'proc2', [undefined, ...v2Operations.slice(1)]],
  ['3', 'proc3', [undefined, ...v3Operations.slice(1)]],
  ['4', 'proc4ops', v4ServerOperations],
] as const;

/** What the last row, of one number, tells. */
const delegation = 'wdeleg_getattr';

export const nfsd: Collector = {
  name: 'nfsd',
  doc: 'What the NFS server does.',
  open:
    ({ paths, files }) =>
    (samples) => {
      const rows = rpcRows(files.text(paths.proc('net/rpc/nfsd')));
      for (const [row, column, family] of numbers) samples.add(family, rows.get(row)?.[column]);
      samples.add(packets, rows.get('net')?.[1], 'udp');
      samples.add(packets, rows.get('net')?.[2], 'tcp');
      for (const [index, error] of ['fmt', 'auth', 'cInt'].entries())
        samples.add(errors, rows.get('rpc')?.[index + 2], error);
      for (const [proto, row, operations] of versions)
        for (const [method, value] of operationsIn(rows.get(row), operations))
          samples.add(requests, value, proto, method);
      samples.add(requests, rows.get(delegation)?.[0], '4', 'WdelegGetattr');
    },
};
