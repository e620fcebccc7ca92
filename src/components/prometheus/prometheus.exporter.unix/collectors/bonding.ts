import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { wordsOf } from '../words.ts';

const slaves = gauge('bonding_slaves', 'Devices of a bond.', 'master');
const active = gauge('bonding_active', 'Devices of a bond whose link is up.', 'master');

export const bonding: Collector = {
  name: 'bonding',
  doc: 'Bonds of network devices.',
  open({ paths, files }) {
    const folder = paths.sys('class/net');
    const statusOf = (master: string, name: string): string | undefined =>
      files.attribute(`${folder}/${master}/lower_${name}/bonding_slave/mii_status`) ??
      files.attribute(`${folder}/${master}/slave_${name}/bonding_slave/mii_status`);
    return (samples) => {
      for (const master of wordsOf(files.text(`${folder}/bonding_masters`))) {
        const names = wordsOf(files.text(`${folder}/${master}/bonding/slaves`));
        samples.add(slaves, names.length, master);
        samples.add(active, names.filter((name) => statusOf(master, name) === 'up').length, master);
      }
    };
  },
};
