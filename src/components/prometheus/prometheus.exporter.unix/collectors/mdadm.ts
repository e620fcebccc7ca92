import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { parseMdstat } from './mdadm/mdstat.ts';

const disks = gauge('md_disks', 'Disks of an array by their state.', 'device', 'state');
const required = gauge('md_disks_required', 'Disks that an array should have.', 'device');
const blocks = gauge('md_blocks', 'Blocks of an array.', 'device');
const synced = gauge('md_blocks_synced', 'Blocks of an array that are in sync.', 'device');
const state = gauge('md_state', 'Whether an array is in a state.', 'device', 'state');
const raidDisks = gauge('md_raid_disks', 'Disks that an array is made for.', 'device');
const degraded = gauge('md_degraded', 'Disks that an array lacks.', 'device');

const states = ['active', 'inactive', 'recovering', 'resync', 'check'];

export const mdadm: Collector = {
  name: 'mdadm',
  doc: 'Software RAID arrays.',
  open:
    ({ paths, files }) =>
    (samples) => {
      for (const array of parseMdstat(files.text(paths.proc('mdstat')))) {
        const { device } = array;
        for (const [name, count] of Object.entries(array.disks)) samples.add(disks, count, device, name);
        samples.add(required, array.required, device);
        samples.add(blocks, array.blocks, device);
        samples.add(synced, array.synced, device);
        for (const known of states) samples.add(state, known === array.state ? 1 : 0, device, known);
      }
      for (const device of files.namesIfAny(paths.sys('block')).filter((name) => name.startsWith('md'))) {
        const folder = files.folder(paths.sys(`block/${device}/md`));
        samples.add(raidDisks, folder.number('raid_disks'), device);
        samples.add(degraded, folder.number('degraded'), device);
      }
    },
};
