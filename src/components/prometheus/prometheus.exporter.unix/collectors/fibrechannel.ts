import type { Collector } from '../collector.ts';
import { counter, gauge } from '../family.ts';

const properties = [
  'speed',
  'port_state',
  'port_type',
  'port_id',
  'port_name',
  'fabric_name',
  'symbolic_name',
  'supported_classes',
  'supported_speeds',
  'dev_loss_tmo',
];
const info = gauge('fibrechannel_info', 'What a port is. The value is always 1.', 'fc_host', ...properties);

/** By the file in the folder `statistics` of a port. */
const statistics = [
  ['dumped_frames', counter('fibrechannel_dumped_frames_total', 'Frames that were dumped.', 'fc_host')],
  ['error_frames', counter('fibrechannel_error_frames_total', 'Frames with errors.', 'fc_host')],
  ['invalid_crc_count', counter('fibrechannel_invalid_crc_total', 'Frames with a wrong checksum.', 'fc_host')],
  ['rx_frames', counter('fibrechannel_rx_frames_total', 'Frames that were received.', 'fc_host')],
  ['rx_words', counter('fibrechannel_rx_words_total', 'Words that were received.', 'fc_host')],
  ['tx_frames', counter('fibrechannel_tx_frames_total', 'Frames that were sent.', 'fc_host')],
  ['tx_words', counter('fibrechannel_tx_words_total', 'Words that were sent.', 'fc_host')],
  [
    'seconds_since_last_reset',
    counter('fibrechannel_seconds_since_last_reset_total', 'Seconds since the port was reset.', 'fc_host'),
  ],
  [
    'invalid_tx_word_count',
    counter('fibrechannel_invalid_tx_words_total', 'Invalid words in what was sent.', 'fc_host'),
  ],
  ['link_failure_count', counter('fibrechannel_link_failure_total', 'Failures of the link.', 'fc_host')],
  ['loss_of_sync_count', counter('fibrechannel_loss_of_sync_total', 'Losses of synchronization.', 'fc_host')],
  ['loss_of_signal_count', counter('fibrechannel_loss_of_signal_total', 'Losses of the signal.', 'fc_host')],
  ['nos_count', counter('fibrechannel_nos_total', 'Sequences that say the port is not operational.', 'fc_host')],
  ['fcp_packet_aborts', counter('fibrechannel_fcp_packet_aborts_total', 'Packets that were aborted.', 'fc_host')],
] as const;

const attributes = [...properties, ...statistics.map(([file]) => `statistics/${file}`)];

export const fibrechannel: Collector = {
  name: 'fibrechannel',
  doc: 'Ports of Fibre Channel adapters.',
  open:
    ({ paths, files }) =>
    async (samples) => {
      for (const port of files.names(paths.sys('class/fc_host'))) {
        const folder = files.folder(paths.sys(`class/fc_host/${port}`));
        await folder.readWithCare(attributes);
        samples.add(info, 1, port, ...properties.map((name) => (folder.attribute(name) ?? '').replace(/^0x/, '')));
        for (const [file, family] of statistics) {
          const name = `statistics/${file}`;
          // All bits are set where the driver does not count.
          if (!/^0xf{16}$/i.test(folder.attribute(name) ?? '')) samples.add(family, folder.number(name), port);
        }
      }
    },
};
