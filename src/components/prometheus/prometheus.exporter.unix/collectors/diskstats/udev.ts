import type { Host } from '../../collector.ts';
import { gauge } from '../../family.ts';
import { linesOf, numberIn } from '../../words.ts';
import type { Samples } from '../../samples.ts';

const info = gauge(
  'disk_info',
  'What a disk is. The value is always 1.',
  'device',
  'major',
  'minor',
  'path',
  'wwn',
  'model',
  'serial',
  'revision',
  'rotational',
);
const filesystemInfo = gauge(
  'disk_filesystem_info',
  'The filesystem on a disk. The value is always 1.',
  'device',
  'type',
  'usage',
  'uuid',
  'version',
);
const mapperInfo = gauge(
  'disk_device_mapper_info',
  'What a device of the device mapper is. The value is always 1.',
  'device',
  'name',
  'uuid',
  'vg_name',
  'lv_name',
  'lv_layer',
);

/** By the property that udev has of the device, if it has. */
const ata = [
  ['ID_ATA_WRITE_CACHE', gauge('disk_ata_write_cache', 'Whether a disk has a write cache.', 'device')],
  ['ID_ATA_WRITE_CACHE_ENABLED', gauge('disk_ata_write_cache_enabled', 'Whether the write cache is on.', 'device')],
  ['ID_ATA_ROTATION_RATE_RPM', gauge('disk_ata_rotation_rate_rpm', 'Rotations per minute; 0 if none.', 'device')],
] as const;

interface Disk {
  readonly device: string;
  readonly major: string;
  readonly minor: string;
}

/** What udev knows of a disk. Without udev, there is still a series for the disk. */
export function addDiskProperties(host: Host, samples: Samples, { device, major, minor }: Disk): void {
  const { paths, files } = host;
  const properties = propertiesOf(host, `b${major}:${minor}`);
  const of = (name: string): string => properties.get(name) ?? '';
  const serial = of('SCSI_IDENT_SERIAL') || of('ID_SERIAL_SHORT') || of('ID_SERIAL');
  const rotational = files.attribute(paths.sys(`block/${device}/queue/rotational`)) ?? '';
  const [path, wwn, model, revision] = [of('ID_PATH'), of('ID_WWN'), of('ID_MODEL'), of('ID_REVISION')];
  samples.add(info, 1, device, major, minor, path, wwn, model, serial, revision, rotational);
  if (of('ID_FS_TYPE') !== '') {
    const [type, usage, uuid, version] = [of('ID_FS_TYPE'), of('ID_FS_USAGE'), of('ID_FS_UUID'), of('ID_FS_VERSION')];
    samples.add(filesystemInfo, 1, device, type, usage, uuid, version);
  }
  if (of('DM_NAME') !== '') {
    const volume = [of('DM_VG_NAME'), of('DM_LV_NAME'), of('DM_LV_LAYER')];
    samples.add(mapperInfo, 1, device, of('DM_NAME'), of('DM_UUID'), ...volume);
  }
  for (const [name, family] of ata) samples.add(family, numberIn(properties.get(name)), device);
}

/** The lines `E:NAME=value` that udev keeps of a device; none where there is no udev. */
function propertiesOf({ paths, files }: Host, name: string): ReadonlyMap<string, string> {
  const lines = linesOf(files.ordinaryText(paths.udevData(name)) ?? '');
  return new Map(
    lines.flatMap((line) => {
      const at = line.indexOf('=');
      return line.startsWith('E:') && at > 0 ? [[line.slice(2, at), line.slice(at + 1)] as const] : [];
    }),
  );
}
