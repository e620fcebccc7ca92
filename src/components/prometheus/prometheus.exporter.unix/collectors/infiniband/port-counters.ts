/** Ports count words of so many bytes where they count data. */
const word = 4;

type PortCounter = readonly [file: string, name: string, help: string, bytes?: number];

/** What ports count: the file in their folder, the name of the metric, and the bytes of what is counted if it is data. */
export const portCounters: readonly PortCounter[] = [
  ['counters_ext/port_rcv_data_64', 'legacy_data_received_bytes', 'Bytes received, by older drivers.', word],
  ['counters_ext/port_xmit_data_64', 'legacy_data_transmitted_bytes', 'Bytes sent, by older drivers.', word],
  ['counters_ext/port_multicast_rcv_packets', 'legacy_multicast_packets_received', 'Multicast packets received.'],
  ['counters_ext/port_multicast_xmit_packets', 'legacy_multicast_packets_transmitted', 'Multicast packets sent.'],
  ['counters_ext/port_rcv_packets_64', 'legacy_packets_received', 'Packets received, by older drivers.'],
  ['counters_ext/port_xmit_packets_64', 'legacy_packets_transmitted', 'Packets sent, by older drivers.'],
  ['counters_ext/port_unicast_rcv_packets', 'legacy_unicast_packets_received', 'Unicast packets received.'],
  ['counters_ext/port_unicast_xmit_packets', 'legacy_unicast_packets_transmitted', 'Unicast packets sent.'],
  ['counters/excessive_buffer_overrun_errors', 'excessive_buffer_overrun_errors', 'Times that buffers were too small.'],
  ['counters/link_downed', 'link_downed', 'Times that the link went down for good.'],
  ['counters/link_error_recovery', 'link_error_recovery', 'Times that the link came back after errors.'],
  ['counters/local_link_integrity_errors', 'local_link_integrity_errors', 'Times that there were too many errors.'],
  ['counters/multicast_rcv_packets', 'multicast_packets_received', 'Multicast packets received, with errors.'],
  ['counters/multicast_xmit_packets', 'multicast_packets_transmitted', 'Multicast packets sent, with errors.'],
  ['counters/port_rcv_constraint_errors', 'port_constraint_errors_received', 'Packets received that are not allowed.'],
  ['counters/port_xmit_constraint_errors', 'port_constraint_errors_transmitted', 'Packets not sent as not allowed.'],
  ['counters/port_rcv_data', 'port_data_received_bytes', 'Bytes received.', word],
  ['counters/port_xmit_data', 'port_data_transmitted_bytes', 'Bytes sent.', word],
  ['counters/port_rcv_discards', 'port_discards_received', 'Packets received and dropped.'],
  ['counters/port_xmit_discards', 'port_discards_transmitted', 'Packets dropped as the port was down or congested.'],
  ['counters/port_rcv_errors', 'port_errors_received', 'Packets received with errors.'],
  ['counters/port_rcv_packets', 'port_packets_received', 'Packets received.'],
  ['counters/port_xmit_packets', 'port_packets_transmitted', 'Packets sent.'],
  ['counters/port_rcv_remote_physical_errors', 'port_receive_remote_physical_errors', 'Packets marked as bad.'],
  ['counters/port_rcv_switch_relay_errors', 'port_receive_switch_relay_errors', 'Packets that could not be relayed.'],
  ['counters/port_xmit_wait', 'port_transmit_wait', 'Ticks in which there was data and no leave to send it.'],
  ['counters/symbol_error', 'symbol_error', 'Small errors of the link.'],
  ['counters/unicast_rcv_packets', 'unicast_packets_received', 'Unicast packets received, with errors.'],
  ['counters/unicast_xmit_packets', 'unicast_packets_transmitted', 'Unicast packets sent, with errors.'],
  ['counters/VL15_dropped', 'vl15_dropped', 'Packets of subnet management that were dropped.'],
];
