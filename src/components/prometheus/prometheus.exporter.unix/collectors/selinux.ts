import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';

const enabled = gauge('selinux_enabled', 'Whether SELinux is in use.');
const configured = gauge('selinux_config_mode', 'The configured mode: 1 enforcing, 0 permissive, -1 disabled.');
const current = gauge('selinux_current_mode', 'The current mode: 1 enforcing, 0 permissive, -1 disabled.');

const modes: ReadonlyMap<string, number> = new Map([
  ['enforcing', 1],
  ['permissive', 0],
  ['disabled', -1],
]);

export const selinux: Collector = {
  name: 'selinux',
  doc: 'The mode of SELinux.',
  open:
    ({ paths, files }) =>
    (samples) => {
      const mode = files.number(paths.sys('fs/selinux/enforce'));
      samples.add(enabled, mode === undefined ? 0 : 1);
      if (mode === undefined) return;
      const text = files.ordinaryText(paths.root('etc/selinux/config')) ?? '';
      const [, name = ''] = /^[ \t]*SELINUX[ \t]*=[ \t]*(\w+)/m.exec(text) ?? [];
      samples.add(configured, modes.get(name.toLowerCase()) ?? -1);
      samples.add(current, mode);
    },
};
