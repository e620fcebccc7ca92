import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { attribute, readProc, wordsOf } from '../read-file.ts';

const slaves = gauge('bonding_slaves', 'Devices of a bond.', 'master');
const active = gauge('bonding_active', 'Devices of a bond whose link is up.', 'master');

export const bonding: Collector = {
  name: 'bonding',
  doc: 'Bonds of network devices.',
  open:
    ({ paths }) =>
    async (samples) => {
      const folder = paths.sys('class/net');
      for (const master of wordsOf(await readProc(`${folder}/bonding_masters`))) {
        const names = wordsOf(await readProc(`${folder}/${master}/bonding/slaves`));
        const states = await Promise.all(
          names.map(
            async (name) =>
              (await attribute(`${folder}/${master}/lower_${name}/bonding_slave/mii_status`)) ??
              (await attribute(`${folder}/${master}/slave_${name}/bonding_slave/mii_status`)),
          ),
        );
        samples.add(slaves, names.length, master);
        samples.add(active, states.filter((state) => state === 'up').length, master);
      }
    },
};
