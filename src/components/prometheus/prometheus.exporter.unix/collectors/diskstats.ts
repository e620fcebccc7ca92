import type { Collector } from '../collector.ts';
import { counter, gauge } from '../family.ts';
import { isIgnored } from '../name-filter.ts';
import { linesOf, wantNumber, wordsOf } from '../words.ts';
import { addDiskProperties } from './diskstats/udev.ts';
import { shortLines } from '../host-files.ts';

const count = (value: number): number => value;
const bytes = (sectors: number): number => sectors * 512;
const seconds = (milliseconds: number): number => milliseconds / 1000;

/** The columns after the name of the device, with what makes their unit. Older kernels have fewer of them. */
const columns = [
  [counter('disk_reads_completed_total', 'Reads that were completed.', 'device'), count],
  [counter('disk_reads_merged_total', 'Reads that were merged with others.', 'device'), count],
  [counter('disk_read_bytes_total', 'Bytes that were read.', 'device'), bytes],
  [counter('disk_read_time_seconds_total', 'Time that all reads took together.', 'device'), seconds],
  [counter('disk_writes_completed_total', 'Writes that were completed.', 'device'), count],
  [counter('disk_writes_merged_total', 'Writes that were merged with others.', 'device'), count],
  [counter('disk_written_bytes_total', 'Bytes that were written.', 'device'), bytes],
  [counter('disk_write_time_seconds_total', 'Time that all writes took together.', 'device'), seconds],
  [gauge('disk_io_now', 'Requests that are under way.', 'device'), count],
  [counter('disk_io_time_seconds_total', 'Time in which there were requests under way.', 'device'), seconds],
  [
    counter('disk_io_time_weighted_seconds_total', 'Time that all requests were under way together.', 'device'),
    seconds,
  ],
  [counter('disk_discards_completed_total', 'Discards that were completed.', 'device'), count],
  [counter('disk_discards_merged_total', 'Discards that were merged with others.', 'device'), count],
  [counter('disk_discarded_sectors_total', 'Sectors that were discarded.', 'device'), count],
  [counter('disk_discard_time_seconds_total', 'Time that all discards took together.', 'device'), seconds],
  [counter('disk_flush_requests_total', 'Flushes that were completed.', 'device'), count],
  [counter('disk_flush_requests_time_seconds_total', 'Time that all flushes took together.', 'device'), seconds],
] as const;

/** The columns before those: the numbers and the name of the device. */
const leading = 3;

export const diskstats: Collector = {
  name: 'diskstats',
  doc: 'What disks read and write, and what they are.',
  open(host) {
    const { paths, files, args } = host;
    const { device_exclude: exclude, device_include: include } = args.disk;
    const file = paths.proc('diskstats');
    const isLeftOut = (device: string): boolean =>
      include.source === '' ? isIgnored(device, exclude, include) : !include.test(device);
    return (samples) => {
      for (const line of linesOf(files.text(file, shortLines))) {
        const words = wordsOf(line);
        const [major = '', minor = '', device] = words;
        if (device === undefined) throw new Error(`want a device in a line of diskstats, got ${JSON.stringify(line)}`);
        if (isLeftOut(device)) continue;
        addDiskProperties(host, samples, { device, major, minor });
        for (const [index, [family, inUnit]] of columns.entries()) {
          const word = words[leading + index];
          if (word === undefined) break;
          samples.add(family, inUnit(wantNumber(word)), device);
        }
      }
    };
  },
};
