import { ParseError } from '../../../../base/parse-error.ts';
import { findTimeZone, utc } from '../../../../base/time-zone.ts';
import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { wordsOf } from '../words.ts';

const now = gauge('time_seconds', 'The time, in seconds since 1970.');
const zoneOffset = gauge('time_zone_offset_seconds', 'Offset of the time zone of the system.', 'time_zone');
const available = gauge(
  'time_clocksource_available_info',
  'A clock that the kernel can use. The value is always 1.',
  'device',
  'clocksource',
);
const current = gauge(
  'time_clocksource_current_info',
  'The clock that the kernel uses. The value is always 1.',
  'device',
  'clocksource',
);

export const time: Collector = {
  name: 'time',
  doc: 'The time, the time zone and the clocks of the kernel.',
  open({ paths, files }) {
    const local = findTimeZone('Local');
    const zone = local instanceof ParseError ? utc : local;
    /** Finding the abbreviation takes long, and it changes with the offset only. */
    let known: { readonly offset: number; readonly abbreviation: string } | undefined;
    return (samples) => {
      const seconds = Date.now() / 1000;
      const offset = zone.offsetAt(seconds);
      if (known?.offset !== offset) known = { offset, abbreviation: zone.abbreviationAt(seconds) };
      samples.add(now, seconds);
      samples.add(zoneOffset, offset, known.abbreviation);

      const folder = paths.sys('devices/system/clocksource');
      for (const name of files.namesIfAny(folder)) {
        const [, device] = /^clocksource(\d+)$/.exec(name) ?? [];
        if (device === undefined) continue;
        for (const clock of wordsOf(files.attribute(`${folder}/${name}/available_clocksource`) ?? ''))
          samples.add(available, 1, device, clock);
        const used = files.attribute(`${folder}/${name}/current_clocksource`);
        if (used !== undefined) samples.add(current, 1, device, used);
      }
    };
  },
};
