import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { installationId } from './installation-id.ts';

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

function unreported(problem: string): never {
  assert.fail(problem);
}

test('an installation has one ID for all starts', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'id-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const storage = path.join(folder, 'new', 'storage');
  const id = await installationId(storage, 'v1.2.3', unreported);
  assert.match(id, uuid);
  assert.equal(await installationId(storage, 'v2', unreported), id);
  const seed = JSON.parse(readFileSync(path.join(storage, 'alloy_seed.json'), 'utf8')) as Record<string, string>;
  assert.deepEqual([seed['UID'], seed['version']], [id, 'v1.2.3']);
  assert.ok(!Number.isNaN(Date.parse(seed['created_at'] ?? '')));
});

test('the ID that Alloy has made is used, and a damaged one replaced', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'id-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, 'alloy_seed.json');
  const known = '2f6a5c9e-0000-4000-8000-000000000000';
  writeFileSync(file, JSON.stringify({ UID: known, created_at: '2024-01-01T00:00:00Z', version: 'v1.0.0' }));
  assert.equal(await installationId(folder, 'v1', unreported), known);
  for (const damaged of ['', '{', '[]', 'null', '{"UID": 5}', '{"UID": "a\\r\\nb"}']) {
    writeFileSync(file, damaged);
    const id = await installationId(folder, 'v1', unreported);
    assert.match(id, uuid);
    assert.equal(await installationId(folder, 'v1', unreported), id);
  }
});

test('without a folder the ID is one for this run, which is told', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'id-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, 'file'), '');
  const problems: string[] = [];
  const id = await installationId(path.join(folder, 'file'), 'v1', (problem) => problems.push(problem));
  assert.match(id, uuid);
  assert.deepEqual(problems, ['cannot read the ID of the installation', 'cannot write the ID of the installation']);
});
