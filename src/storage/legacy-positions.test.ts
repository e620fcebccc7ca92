import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { logTo } from '../base/log.ts';
import { ParseError } from '../base/parse-error.ts';
import { parseLegacyPositions, readLegacyPositions } from './legacy-positions.ts';
import { Positions } from './positions.ts';

async function folder(t: TestContext): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'legacy-positions-'));
  t.after(() => rm(root, { recursive: true }));
  return root;
}

test('positions by path are read, and anything else is refused', () => {
  const position = (file: string, value: string) => ({ path: file, labels: '{}', value, identity: '' });
  assert.deepEqual(parseLegacyPositions(''), []);
  assert.deepEqual(parseLegacyPositions('positions:\n'), []);
  assert.deepEqual(parseLegacyPositions('positions: {}\n'), []);
  assert.deepEqual(
    parseLegacyPositions('positions:\n  /tmp/random.log: "17623"\n  cursor-journal: "s=1;i=2"\n  /b: 5\n'),
    [position('/tmp/random.log', '17623'), position('cursor-journal', 's=1;i=2'), position('/b', '5')],
  );
  for (const text of [
    'positions:\n  /a: "1\n',
    'positions: []\n',
    'positions:\n  /a: [1]\n',
    'positions:\n  /a: "1"\n  /a: "2"\n',
    'positions: {}\nother: 1\n',
    'text',
  ])
    assert.ok(parseLegacyPositions(text) instanceof ParseError, text);
});

/** Opens positions beside a legacy file, and gives what was logged. */
async function open(root: string): Promise<{ readonly positions: Positions; readonly logged: readonly string[] }> {
  const logged: string[] = [];
  const log = logTo((level, message) => logged.push(`${level}: ${message}`));
  const positions = await Positions.open(
    `${root}/positions.yml`,
    (error) => assert.fail(String(error)),
    () => readLegacyPositions(`${root}/legacy.yml`, log),
  );
  return { positions, logged };
}

test('legacy positions are taken over at once if there are no others', async (t) => {
  for (const content of [undefined, '']) {
    const root = await folder(t);
    await writeFile(`${root}/legacy.yml`, 'positions:\n  /tmp/random.log: "17623"\n');
    if (content !== undefined) await writeFile(`${root}/positions.yml`, content);
    const { positions } = await open(root);
    assert.equal(positions.get('/tmp/random.log', '{}')?.value, '17623');
    assert.equal(
      await readFile(`${root}/positions.yml`, 'utf8'),
      'positions:\n  ? path: /tmp/random.log\n    labels: \'{}\'\n  : "17623"\n',
    );
    await positions.close();
  }
});

test('positions that are there already are not touched, and the legacy file is not read', async (t) => {
  const root = await folder(t);
  await mkdir(`${root}/legacy.yml`);
  const content = 'positions:\n  ? path: /a\n    labels: ""\n  : "1"\n';
  await writeFile(`${root}/positions.yml`, content);
  const { positions, logged } = await open(root);
  await positions.close();
  assert.equal(await readFile(`${root}/positions.yml`, 'utf8'), content);
  assert.deepEqual(logged, []);
});

test('a legacy file that is missing, empty or malformed is told and left out', async (t) => {
  for (const [content, message] of [
    [undefined, 'info: there is no legacy positions file'],
    ['', 'info: took over legacy positions'],
    ['positions:\n  /a: "1\n', 'error: legacy positions file is malformed, it is left out'],
  ] as const) {
    const root = await folder(t);
    if (content !== undefined) await writeFile(`${root}/legacy.yml`, content);
    const { positions, logged } = await open(root);
    await positions.close();
    assert.deepEqual(logged, [message]);
    await assert.rejects(readFile(`${root}/positions.yml`), { code: 'ENOENT' });
  }
});

test('a legacy file that is there and cannot be read is an error, and nothing is written', async (t) => {
  const root = await folder(t);
  await mkdir(`${root}/legacy.yml`);
  await assert.rejects(open(root), /could not be read, refusing to start to avoid re-ingesting logs: /);
  await assert.rejects(readFile(`${root}/positions.yml`), { code: 'ENOENT' });
});
