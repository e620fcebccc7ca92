import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { folder } from '../../../testkit/follow-file.ts';
import { linesIn } from '../../../testkit/log-entries.ts';
import { problemsOf, runComponent } from '../../../testkit/run-component.ts';
import { until } from '../../../testkit/until.ts';
import { lokiSourceFile } from '../loki.source.file.ts';

const run = (file: string, options: string) =>
  runComponent(lokiSourceFile, `targets = [{ __path__ = "${file}", job = "x" }]\nforward_to = [out]\n${options}`);

test('compressed files become entries, with positions of their content', async (t) => {
  const root = await folder(t);
  const content = 'one\ntwo\nthree';
  await writeFile(`${root}/a.gz`, gzipSync(content));
  await writeFile(`${root}/a.bz2`, execFileSync('bzip2', ['-c'], { input: content }));
  for (const format of ['gz', 'bz2']) {
    const file = `${root}/a.${format}`;
    const options = `decompression {\n enabled = true\n format = "${format}"\n initial_delay = "1ms"\n}`;
    await using source = await run(file, options);
    await until(() => source.debugInfo()?.targets_info[0]?.read_offset === 13);
    assert.deepEqual(linesIn(source.out.batches), ['one', 'two', 'three'], format);
    const metrics = source.metrics();
    assert.equal(metrics[`loki_source_file_read_lines_total{path="${file}"}`], 3);
    assert.equal(metrics[`loki_source_file_read_bytes_total{path="${file}"}`], 13);
    assert.equal(metrics['loki_source_file_open_files'], 0);
  }
});

test('a tar archive is not understood, and passes line by line', async (t) => {
  const root = await folder(t);
  await writeFile(`${root}/line`, 'one line');
  execFileSync('tar', ['-C', root, '-czf', `${root}/a.tar.gz`, 'line']);
  await using source = await run(`${root}/a.tar.gz`, 'decompression {\n enabled = true\n format = "gz"\n}');
  await until(() => source.debugInfo()?.targets_info[0]?.read_offset === 10_240);
  const [line, ...others] = linesIn(source.out.batches);
  assert.ok(line?.includes('one line'));
  assert.deepEqual(others, []);
});

test('a corrupted file makes the component unhealthy and is counted', async (t) => {
  const file = `${await folder(t)}/a.gz`;
  await writeFile(file, gzipSync('one\n').subarray(0, -4));
  await using source = await run(file, 'decompression {\n enabled = true\n format = "gz"\n}');
  await until(() => source.health !== '' && source.health.startsWith('unhealthy'));
  assert.match(source.health, /unexpected end of file$/);
  assert.equal(source.metrics()['loki_source_file_read_errors_total{reason="corrupted"}'], 1);
  assert.deepEqual(linesIn(source.out.batches), ['one']);
});

test('a file in another encoding becomes entries in UTF-8', async (t) => {
  const file = `${await folder(t)}/a.log`;
  await writeFile(file, Buffer.from('Hello, 世界\r\n', 'utf16le'));
  await using source = await run(file, 'encoding = "UTF-16LE"');
  await until(() => source.out.count === 1);
  assert.deepEqual(linesIn(source.out.batches), ['Hello, 世界']);
});

test('an unknown encoding is found by validation', () => {
  assert.match(
    problemsOf(lokiSourceFile, 'targets = []\nforward_to = [out]\nencoding = "latin-99"')[0] ?? '',
    /unknown encoding "latin-99"/,
  );
});

test('positions of an older program count for files without one of their own', async (t) => {
  const root = await folder(t);
  await writeFile(`${root}/a.log`, 'line1\nline2\nline3\n');
  await writeFile(`${root}/legacy.yml`, `positions:\n  ${root}/a.log: "12"\n`);
  await using source = await run(`${root}/a.log`, `legacy_positions_file = "${root}/legacy.yml"`);
  await until(() => source.debugInfo()?.targets_info[0]?.read_offset === 18);
  assert.deepEqual(linesIn(source.out.batches), ['line3']);
});

test('a legacy positions file that cannot be read keeps the component from starting', async (t) => {
  const root = await folder(t);
  await assert.rejects(run(`${root}/a.log`, `legacy_positions_file = "${root}"`), /refusing to start/);
});

test('lines that are too long are told once', async (t) => {
  const file = `${await folder(t)}/a.log`;
  const long = 'x'.repeat(11 * 1024 * 1024);
  await writeFile(file, `${long}\n`);
  await using source = await run(file, 'file_watch {\n min_poll_frequency = "10ms"\n max_poll_frequency = "10ms"\n}');
  await until(() => source.out.count === 1);
  await appendFile(file, `${long}\nend\n`);
  await until(() => source.out.count === 3);
  assert.equal(source.logged.filter(({ message }) => message === 'part of a file was not sent').length, 1);
  assert.equal(source.metrics()['loki_source_file_dropped_bytes_total{reason="line_too_long"}'], 2 * (1024 * 1024 + 1));
});
