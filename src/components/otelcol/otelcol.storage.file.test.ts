import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../testkit/run-exporter.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { otelcolStorageFile } from './otelcol.storage.file.ts';

test('without arguments queues are in the folder of the component, and survive a crash of the machine', async () => {
  await using c = await runComponent(otelcolStorageFile, '');
  const { directory, isSynced, newDirectoryMode, maxBytes } = c.exports.handler;
  assert.deepEqual([directory, isSynced, newDirectoryMode, maxBytes], [c.dataDir, true, 0o750, 10 * 1024 ** 3]);
  assert.equal(existsSync(c.dataDir), false);
});

test('arguments of Alloy are taken', async () => {
  const text = `
    timeout = "5s"
    fsync = false
    directory_permissions = "0700"
    compaction {
      on_start = true
      directory = "/elsewhere"
    }
    debug_metrics { }`;
  await using c = await runComponent(otelcolStorageFile, text);
  assert.deepEqual([c.exports.handler.isSynced, c.exports.handler.newDirectoryMode], [false, 0o700]);
});

test('a directory that is not to be made must be there', async (t) => {
  const folder = temporaryFolder(t);
  const text = (directory: string) => `create_directory = false\ndirectory = "${directory}"`;
  await assert.rejects(runComponent(otelcolStorageFile, text(path.join(folder, 'x'))), /directory must exist/);
  await using c = await runComponent(otelcolStorageFile, text(folder));
  assert.deepEqual([c.exports.handler.directory, c.exports.handler.newDirectoryMode], [folder, undefined]);
});

test('permissions must be an octal number', () => {
  assert.match(problemsOf(otelcolStorageFile, 'directory_permissions = "0999"')[0] ?? '', /must be an octal number/);
});
