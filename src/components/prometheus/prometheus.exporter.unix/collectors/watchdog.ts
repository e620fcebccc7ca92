import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';

/** By the file in the folder of a watchdog. */
const numbers = [
  ['bootstatus', gauge('watchdog_bootstatus', 'Status of the watchdog when the system was started.', 'name')],
  ['fw_version', gauge('watchdog_fw_version', 'Version of the firmware.', 'name')],
  ['nowayout', gauge('watchdog_nowayout', 'Whether the watchdog cannot be stopped.', 'name')],
  ['timeleft', gauge('watchdog_timeleft_seconds', 'Time left before the system is reset.', 'name')],
  ['timeout', gauge('watchdog_timeout_seconds', 'Time after which the system is reset.', 'name')],
  ['pretimeout', gauge('watchdog_pretimeout_seconds', 'How long before a reset there is a warning.', 'name')],
  ['access_cs0', gauge('watchdog_access_cs0', 'Whether the system was started from the other flash chip.', 'name')],
] as const;
const texts = ['options', 'identity', 'state', 'status', 'pretimeout_governor'];
const info = gauge('watchdog_info', 'What a watchdog is. The value is always 1.', 'name', ...texts);

const attributes = [...numbers.map(([file]) => file), ...texts];

export const watchdog: Collector = {
  name: 'watchdog',
  doc: 'Watchdogs, which reset a system that hangs.',
  open:
    ({ paths, files }) =>
    async (samples) => {
      for (const name of files.names(paths.sys('class/watchdog'))) {
        const folder = files.folder(paths.sys(`class/watchdog/${name}`));
        await folder.readWithCare(attributes);
        for (const [file, family] of numbers) samples.add(family, folder.number(file), name);
        samples.add(info, 1, name, ...texts.map((file) => folder.attribute(file) ?? ''));
      }
    },
};
