import type { Collector } from '../collector.ts';
import { counter, gauge } from '../family.ts';
import { isMatch } from '../name-filter.ts';

const count = (value: number): number => value;
const seconds = (nanoseconds: number): number => nanoseconds / 1e9;

/** By the file in the folder `stats` of a tape drive, with what makes its unit. */
const families = [
  ['in_flight', gauge('tape_io_now', 'Requests that are under way.', 'device'), count],
  ['io_ns', counter('tape_io_time_seconds_total', 'Time that all requests took together.', 'device'), seconds],
  ['other_cnt', counter('tape_io_others_total', 'Requests other than reads and writes.', 'device'), count],
  ['read_byte_cnt', counter('tape_read_bytes_total', 'Bytes that were read.', 'device'), count],
  ['read_cnt', counter('tape_reads_completed_total', 'Reads that were completed.', 'device'), count],
  ['read_ns', counter('tape_read_time_seconds_total', 'Time that all reads took together.', 'device'), seconds],
  ['resid_cnt', counter('tape_residual_total', 'Requests with less data than wanted.', 'device'), count],
  ['write_byte_cnt', counter('tape_written_bytes_total', 'Bytes that were written.', 'device'), count],
  ['write_cnt', counter('tape_writes_completed_total', 'Writes that were completed.', 'device'), count],
  ['write_ns', counter('tape_write_time_seconds_total', 'Time that all writes took together.', 'device'), seconds],
] as const;
const attributes = families.map(([file]) => file);

export const tapestats: Collector = {
  name: 'tapestats',
  doc: 'What tape drives read and write.',
  open:
    ({ paths, files, args }) =>
    async (samples) => {
      for (const device of files.names(paths.sys('class/scsi_tape'))) {
        if (!/^st\d+$/.test(device) || isMatch(device, args.tapestats.ignored_devices)) continue;
        const folder = files.folder(paths.sys(`class/scsi_tape/${device}/stats`));
        await folder.readWithCare(attributes);
        for (const [file, family, inUnit] of families) {
          const value = folder.number(file);
          samples.add(family, value === undefined ? undefined : inUnit(value), device);
        }
      }
    },
};
