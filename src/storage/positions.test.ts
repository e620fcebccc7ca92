import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { ParseError } from '../base/parse-error.ts';
import { formatPositions, parsePositions, type Position } from './positions-format.ts';
import { Positions } from './positions.ts';

async function fileOf(t: TestContext, content?: string): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'positions-'));
  t.after(() => rm(root, { recursive: true }));
  const file = path.join(root, 'positions.yml');
  if (content !== undefined) await writeFile(file, content);
  return file;
}

function fail(error: unknown): void {
  assert.fail(String(error));
}

function position(file: string, labels: string, value: string, identity = ''): Position {
  return { path: file, labels, value, identity };
}

test('positions are written as Alloy does, identities beside them', () => {
  const text = formatPositions([
    position('/var/log/a.log', '{job="x"}', '18', '1:2::3'),
    position('/tmp/my file', `{name="it's"}`, '7'),
    position('cursor-loki.source.journal.j', '', 's=1;i=2'),
    position('/tmp/\u0001\n', '{}', '0'),
  ]);
  assert.equal(
    text,
    String.raw`positions:
  ? path: /var/log/a.log
    labels: '{job="x"}'
  : "18"
  ? path: '/tmp/my file'
    labels: '{name="it''s"}'
  : "7"
  ? path: 'cursor-loki.source.journal.j'
    labels: ""
  : 's=1;i=2'
  ? path: "/tmp/\u0001\n"
    labels: '{}'
  : "0"
identities:
  ? path: /var/log/a.log
    labels: '{job="x"}'
  : '1:2::3'
`,
  );
});

test('positions are read in every form that Alloy writes, and in forms that people write', () => {
  const cases: readonly [text: string, positions: readonly Position[]][] = [
    ['', []],
    ['positions: {}\n', []],
    ['positions:\n', []],
    ['# nothing\n---\npositions: null # none\n', []],
    [
      'positions:\n  ? path: /tmp/random.log\n    labels: \'{job="tmp"}\'\n  : "17623"\n',
      [position('/tmp/random.log', '{job="tmp"}', '17623')],
    ],
    [
      'other: 1\nnested:\n  a: b\npositions:\n  ? path: /a\n    labels: ""\n  : "1"\nmore:\n  ? x\n  : y\n',
      [position('/a', '', '1')],
    ],
    [
      'positions:\n    ? path: /a\n      labels: \'\'\n    : "1"\n    ? path: /a\n      labels: \'{}\'\n    : "2"\n    ? path: /b\n    : "3"\n',
      [position('/a', '', '1'), position('/a', '{}', '2'), position('/b', '', '3')],
    ],
    [
      'positions:\n  ? path: /var/log/some dir/x.log\n    labels: \'{a="1",\n      b="2"}\'\n  : 12\n',
      [position('/var/log/some dir/x.log', '{a="1", b="2"}', '12')],
    ],
    [
      'positions:\r\n  # by hand\r\n  ? {labels: "{a=\\"\\u00e9\\"}", path: cursor-x}\r\n  : s=1;i=2\r\n',
      [position('cursor-x', '{a="é"}', 's=1;i=2')],
    ],
    [
      'positions:\n  ? path: /a\n    labels: ""\n  : "1"\n  ? path: /a\n    labels: ""\n  : "2"\n',
      [position('/a', '', '2')],
    ],
    ['identities:\n  ? path: /a\n    labels: ""\n  : x\n', []],
    [
      'identities:\n  ? path: /a\n    labels: ""\n  : 1:2::3\npositions:\n  ? path: /a\n    labels: ""\n  : "5"\n',
      [position('/a', '', '5', '1:2::3')],
    ],
    ['positions:\n  ? path: /a\n    labels: ""\n  : "\\0\\0\\x000123"\n', [position('/a', '', '\0\0\u00000123')]],
  ];
  for (const [text, positions] of cases) assert.deepEqual(parsePositions(text), positions, text);
});

test('what is not a positions file is refused', () => {
  for (const text of [
    'positions:\n  ? path: "/a\n    labels: ""\n  : "1"\n',
    'positions:\n  ? path: /a\n    labels: \'x\n  : "1"\n',
    'positions:\n  /a: "1"\n',
    'positions: [1]\n',
    'positions:\n  ? [1]\n  : "1"\n',
    'positions:\n  ? path: /a\n  : [1]\n',
    'just text',
    '\u0000\u0001\u0002',
  ])
    assert.ok(parsePositions(text) instanceof ParseError, text);
});

test('positions read back as they were written', () => {
  const text = fc.string({
    unit: fc.constantFrom(...Array.from('/a1"\' :#?{}[]\\\n\r\t\0\u0085\u2028\ufeff😀-')),
    maxLength: 15,
  });
  const entry = fc.record(
    { path: text.map((value) => `/${value}`), labels: text, value: text, identity: text },
    { noNullPrototype: true },
  );
  const entries = fc.uniqueArray(entry, { maxLength: 4, selector: ({ path: file, labels }) => `${file}\0${labels}` });
  fc.assert(
    fc.property(entries, (positions) => assert.deepEqual(parsePositions(formatPositions(positions)), positions)),
  );
});

test('no text makes the reader throw', () => {
  const text = fc.string({
    unit: fc.constantFrom(...Array.from('?: \n/a"\'[]{}-'), 'positions:', '  ? path: '),
    maxLength: 40,
  });
  fc.assert(fc.property(text, (content) => void parsePositions(`positions:\n${content}`)));
});

test('what was set is there after the file was closed and opened again', async (t) => {
  const file = await fileOf(t);
  const positions = await Positions.open(file, fail);
  assert.equal(positions.get('/a', ''), undefined);
  positions.set(position('/a', '', '1', 'id'));
  positions.set(position('/a', '{}', '2'));
  positions.set(position('/a', '', '3', 'id2'));
  await positions.close();
  const again = await Positions.open(file, fail);
  assert.deepEqual(again.get('/a', ''), position('/a', '', '3', 'id2'));
  assert.deepEqual(again.get('/a', '{}'), position('/a', '{}', '2'));
  await again.close();
});

test('the file is for its owner only, and nothing else is left in its folder', async (t) => {
  const file = path.join(path.dirname(await fileOf(t)), 'data', 'positions.yml');
  const positions = await Positions.open(file, fail);
  positions.set(position('/a', '', '1'));
  await positions.close();
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.equal((await stat(path.dirname(file))).mode & 0o777, 0o750);
  assert.deepEqual(await readdir(path.dirname(file)), ['positions.yml']);
});

test('a change is saved at once, and those that follow it after a rest, together', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const file = await fileOf(t);
  const positions = await Positions.open(file, fail);
  const saved = async (value: string): Promise<void> => {
    while (!(await readFile(file, 'utf8').catch(() => '')).includes(`"${value}"`)) await setImmediate();
  };
  positions.set(position('/a', '', '1'));
  await saved('1');
  for (const value of ['2', '3', '4']) positions.set(position('/a', '', value));
  await setImmediate();
  assert.match(await readFile(file, 'utf8'), /"1"/);
  t.mock.timers.tick(10_000);
  await saved('4');
  await positions.close();
});

test('without changes nothing is written', async (t) => {
  const content = '# mine\npositions:\n  ? path: /a\n    labels: ""\n  : "1"\n';
  const file = await fileOf(t, content);
  const positions = await Positions.open(file, fail);
  positions.set(position('/a', '', '1'));
  await positions.close();
  assert.equal(await readFile(file, 'utf8'), content);
});

test('a file that cannot be read is an error with its name', async (t) => {
  const broken = await fileOf(t, 'positions:\n  ? path: "/a\n');
  await assert.rejects(Positions.open(broken, fail), (error: Error) => error.message.includes(broken));
  const folder = path.dirname(await fileOf(t));
  await assert.rejects(Positions.open(folder, fail), (error: Error) => error.message.includes(folder));
});

test('saving that fails is told, and tried again', async (t) => {
  const file = await fileOf(t);
  const errors: unknown[] = [];
  const positions = await Positions.open(file, (error) => errors.push(error));
  await mkdir(`${file}.tmp`);
  positions.set(position('/a', '', '1'));
  await positions.close();
  assert.equal(errors.length, 1);
  await rm(`${file}.tmp`, { recursive: true });
  await positions.close();
  assert.match(await readFile(file, 'utf8'), /"1"/);
});

test('positions of files that are gone for long are forgotten, others are kept', async (t) => {
  const file = await fileOf(t, '');
  const positions = await Positions.open(file, fail);
  for (const name of [file, `${file}.gone`, 'cursor-x', 'journal-x']) positions.set(position(name, '', '1'));
  const hour = 3_600_000;
  await positions.prune(0);
  await positions.prune(5 * hour);
  assert.ok(positions.get(`${file}.gone`, ''));
  await positions.prune(7 * hour);
  assert.equal(positions.get(`${file}.gone`, ''), undefined);
  for (const name of [file, 'cursor-x', 'journal-x']) assert.ok(positions.get(name, ''), name);
  await positions.close();
});
