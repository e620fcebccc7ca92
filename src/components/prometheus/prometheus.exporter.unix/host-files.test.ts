import assert from 'node:assert/strict';
import { readdir, readlink, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { hostTree } from '../../../testkit/host-tree.ts';
import { HostFiles, inOnePiece } from './host-files.ts';

/** The files of procfs that this process has open. */
async function openFiles(path: string): Promise<number> {
  const names = await readdir('/proc/self/fd');
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return targets.filter((target) => target === path).length;
}

test('a file of procfs stays open, is read once in a scrape, and tells what there is now', async (t) => {
  const files = new HostFiles();
  t.after(() => files.close());
  const path = '/proc/sys/kernel/random/uuid';
  files.beginScrape();
  const first = files.text(path, inOnePiece);
  assert.match(first, /^[\da-f-]{36}\n$/);
  assert.equal(files.text(path, inOnePiece), first);
  files.beginScrape();
  assert.notEqual(files.text(path, inOnePiece), first);
  assert.equal(await openFiles(path), 1);
  assert.equal(files.open, 1);
});

test('what a scrape does not ask for is closed when the next one begins', async () => {
  const files = new HostFiles();
  files.beginScrape();
  files.text('/proc/version');
  files.attribute('/proc/uptime');
  files.folder('/proc/self').attribute('comm');
  assert.equal(files.open, 3);
  files.beginScrape();
  files.text('/proc/version');
  files.folder('/proc/self').attribute('oom_score');
  files.beginScrape();
  assert.equal(files.open, 2);
  files.close();
  assert.equal(files.open, 0);
  assert.match(files.text('/proc/version'), /^Linux/);
  assert.equal(files.open, 0);
  assert.equal(await openFiles('/proc/version'), 0);
});

test('no more files stay open than may, and the others are read as well', () => {
  const files = new HostFiles(undefined, 1);
  for (let scrape = 0; scrape < 3; scrape++) {
    files.beginScrape();
    assert.match(files.text('/proc/loadavg'), /^\d/);
    assert.match(files.text('/proc/uptime'), /^\d/);
    assert.equal(files.open, 1);
  }
  files.close();
});

test('long files are read to their end, and at most a megabyte of them', async (t) => {
  const folder = await hostTree(t, {
    'proc/a': 'x'.repeat(200_000),
    'proc/b': 'y'.repeat(2 ** 20 + 1),
    'proc/c': 'z'.repeat(65_536),
  });
  const files = new HostFiles();
  assert.equal(files.text(`${folder}/proc/a`).length, 200_000);
  assert.equal(files.text(`${folder}/proc/b`).length, 2 ** 20);
  assert.equal(files.text(`${folder}/proc/c`, inOnePiece).length, 65_536);
});

test('attributes follow their file, and that without a value is no other than one that is missing', async (t) => {
  const folder = await hostTree(t, { 'sys/d/a': ' 0x10\n', 'sys/d/b': 'text \0\n' });
  const files = new HostFiles();
  const seen = (): unknown[] => {
    files.beginScrape();
    const device = files.folder(`${folder}/sys/d`);
    return [device.number('a'), device.attribute('b'), device.number('b'), device.attribute('c')];
  };
  assert.deepEqual(seen(), [16, 'text', undefined, undefined]);
  await writeFile(`${folder}/sys/d/a`, '17\n');
  await writeFile(`${folder}/sys/d/c`, 'new');
  assert.deepEqual(seen(), [17, 'text', undefined, 'new']);
  await rm(`${folder}/sys/d`, { recursive: true });
  assert.deepEqual(seen(), [undefined, undefined, undefined, undefined]);
  assert.equal(files.open, 0);
});

test('a folder that another one has got the name of has the attributes of that', async (t) => {
  const folder = await hostTree(t, { 'sys/one/a': '1', 'sys/two/a': '2', 'sys/class/eth0': '-> ../one' });
  const files = new HostFiles();
  const device = files.folder(`${folder}/sys/class/eth0`);
  files.beginScrape();
  assert.equal(device.number('a'), 1);
  await symlink('../two', `${folder}/sys/class/other`);
  await rename(`${folder}/sys/class/other`, `${folder}/sys/class/eth0`);
  files.beginScrape();
  assert.equal(files.folder(`${folder}/sys/class/eth0`).number('a'), 2);
});

test('where the kernel tells of devices, they are looked for when one has come or gone, and now and then', async (t) => {
  const folder = await hostTree(t, { 'sys/kernel/uevent_seqnum': '1\n', 'sys/class/net/eth0/mtu': '1500\n' });
  const events = `${folder}/sys/kernel/uevent_seqnum`;
  const files = new HostFiles(events);
  const seen = (): unknown[] => {
    files.beginScrape();
    return [
      files.names(`${folder}/sys/class/net`).join(),
      files.namesIfAny(`${folder}/sys/class/hwmon`).join(),
      files.attribute(`${folder}/sys/class/mtu`),
      files.folder(`${folder}/sys/class/net/eth0`).lastingNumber('mtu'),
      files.untoldNamesIfAny(`${folder}/sys/class/net`).join(),
    ];
  };
  assert.deepEqual(seen(), ['eth0', '', undefined, 1500, 'eth0']);
  // An event can come before what it is about has gone, so that the scrape after it does not count yet.
  await writeFile(`${folder}/sys/class/net/eth1`, '');
  assert.deepEqual(seen(), ['eth0,eth1', '', undefined, 1500, 'eth0,eth1']);
  await writeFile(`${folder}/sys/class/mtu`, '9');
  await writeFile(`${folder}/sys/class/net/eth0/mtu`, '9000');
  await unlink(`${folder}/sys/class/net/eth1`);
  assert.deepEqual(seen(), ['eth0,eth1', '', undefined, 1500, 'eth0']);
  await writeFile(events, '2\n');
  assert.deepEqual(seen(), ['eth0', '', '9', 9000, 'eth0']);
  assert.deepEqual(seen(), ['eth0', '', '9', 9000, 'eth0']);
  await writeFile(`${folder}/sys/class/net/eth0/mtu`, '1');
  const later = Array.from({ length: 20 }, () => seen()[3]);
  assert.deepEqual(later, [...Array.from({ length: 19 }, () => 9000), 1]);
});

test('attributes that are read aside stay what they were as long as their key is the same', async (t) => {
  const folder = await hostTree(t, { 'sys/kernel/uevent_seqnum': '1\n', 'sys/d/speed': '100\n' });
  const files = new HostFiles(`${folder}/sys/kernel/uevent_seqnum`);
  const seen = async (key: string | undefined): Promise<number | undefined> => {
    files.beginScrape();
    await files.folder(`${folder}/sys/d`).readAside(['speed', 'duplex'], key);
    return files.folder(`${folder}/sys/d`).number('speed');
  };
  assert.equal(await seen('a'), 100);
  assert.equal(await seen('a'), 100);
  await writeFile(`${folder}/sys/d/speed`, '1000');
  assert.equal(await seen('a'), 100);
  assert.equal(await seen('b'), 1000);
  await writeFile(`${folder}/sys/d/speed`, '10');
  assert.equal(await seen('b'), 1000);
  assert.equal(await seen(undefined), 10);
});

test('attributes whose driver is quick are read at once after some time', async (t) => {
  const folder = await hostTree(t, { 'sys/d/temp': '1\n' });
  const files = new HostFiles();
  const waits: boolean[] = [];
  for (let scrape = 0; scrape < 6; scrape++) {
    files.beginScrape();
    await writeFile(`${folder}/sys/d/temp`, String(scrape));
    const waiting = files.folder(`${folder}/sys/d`).readWithCare(['temp']);
    waits.push(waiting !== undefined);
    await waiting;
    assert.equal(files.folder(`${folder}/sys/d`).number('temp'), scrape);
  }
  assert.equal(waits[0], true);
});

test('files outside of procfs and sysfs are read again when they were written', async (t) => {
  const folder = await hostTree(t, { 'udev/a': 'one' });
  const files = new HostFiles();
  const path = `${folder}/udev/a`;
  assert.equal(files.ordinaryText(path), 'one');
  await writeFile(`${folder}/udev/b`, 'two');
  await rename(`${folder}/udev/b`, path);
  assert.equal(files.ordinaryText(path), 'two');
  await unlink(path);
  assert.equal(files.ordinaryText(path), undefined);
});
