import assert from 'node:assert/strict';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { ChildProgram, runProgram, type Result } from '../testkit/child-program.ts';

async function folderFor(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cli-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
  return folder;
}

const ugly = 'logging {\nlevel="info"\n}\n';
const pretty = 'logging {\n\tlevel = "info"\n}\n';

interface Case {
  readonly title: string;
  readonly files?: Readonly<Record<string, string>>;
  /** A leading `@` stands for the folder of the files. */
  readonly args: string;
  readonly input?: string;
  readonly code: number;
  readonly stdout?: RegExp;
  readonly stderr?: RegExp;
}

const nothing = /^$/;
const cases: readonly Case[] = [
  { title: 'without arguments, it says how it is used', args: '', code: 0, stdout: /^Millrace .*Usage:/s },
  { title: '--version prints the version', args: '--version', code: 0, stdout: /^millrace, version v\d+\.\d+\.\d+/ },
  { title: 'a command has a help of its own', args: 'fmt -h', code: 0, stdout: /^Formats .*--write /s },
  { title: 'so it has behind the word help', args: 'help fmt', code: 0, stdout: /^Formats .*--write /s },
  { title: 'an unknown command is refused', args: 'fnt', code: 1, stderr: /^Error: unknown command "fnt" \(did you/ },
  { title: 'a command that is not here is told', args: 'convert', code: 1, stderr: /"convert" is not supported yet/ },
  {
    title: 'an unknown flag is refused',
    args: 'run --clstr.name=a x',
    code: 1,
    stderr: /^Error: unknown flag --clstr/,
  },
  { title: 'run needs a path', args: 'run', code: 1, stderr: /^Error: want run <path>, got 0 arguments\n$/ },
  {
    title: 'an unsupported feature is refused',
    args: 'run --cluster.enabled=true x',
    code: 1,
    stderr: /^Error: flag --cluster.enabled is not supported yet\n$/,
  },
  {
    title: 'a stability level must exist',
    args: 'run --stability.level=beta x',
    code: 1,
    stderr: /"beta" for flag --stability\.level/,
  },
  {
    title: 'an experimental flag needs its level',
    args: 'run --feature.prometheus.direct-fanout.enabled x',
    code: 1,
    stderr: /'--feature\.prometheus\.direct-fanout\.enabled' can only be used at experimental stability level/,
  },
  {
    title: 'fmt prints the formatted file',
    files: { a: ugly },
    args: 'fmt @/a',
    code: 0,
    stdout: new RegExp(`^${pretty}$`),
  },
  { title: 'fmt reads standard input', args: 'fmt', input: ugly, code: 0, stdout: new RegExp(`^${pretty}$`) },
  { title: 'so it does for a dash', args: 'format -', input: ugly, code: 0, stdout: new RegExp(`^${pretty}$`) },
  { title: 'fmt -w needs a file', args: 'fmt -w', code: 1, stderr: /^Error: cannot use -w with standard input\n$/ },
  {
    title: 'fmt takes -w or -t',
    args: 'fmt -wt x',
    code: 1,
    stderr: /^Error: cannot use -w\/--write and -t\/--test at the same time\n$/,
  },
  { title: 'fmt formats no folder', args: 'fmt @', code: 1, stderr: /^Error: cannot format a directory\n$/ },
  { title: 'fmt needs the file to be there', args: 'fmt @/a', code: 1, stderr: /^Error: .*ENOENT/ },
  {
    title: 'fmt -t is silent about a formatted file',
    files: { a: pretty },
    args: 'fmt -t @/a',
    code: 0,
    stdout: nothing,
  },
  {
    title: 'fmt -t fails for others',
    files: { a: ugly },
    args: 'fmt -t @/a',
    code: 1,
    stdout: nothing,
    stderr: /^Error: file \S*\/a is not formatted correctly\n$/,
  },
  {
    title: 'fmt shows mistakes',
    args: 'fmt',
    input: 'a = ',
    code: 1,
    stdout: nothing,
    stderr: /^Error: <stdin>:1:\d+: /,
  },
  {
    title: 'validate is silent about a right file',
    files: { a: ugly },
    args: 'validate @/a',
    code: 0,
    stdout: nothing,
  },
  { title: 'a folder without configurations is right', args: 'validate @', code: 0, stderr: nothing },
  {
    title: 'validate shows all mistakes of all files',
    files: { 'a.alloy': 'logging {\n level = 1 +\n}', 'b.alloy': 'x = ', c: 'not read' },
    args: 'validate @',
    code: 1,
    stderr: /a\.alloy:3:1.*b\.alloy:1:.*Error: validation failed\n$/s,
  },
  {
    title: 'validate knows what blocks take',
    files: { a: 'logging {\n level = "loud"\n}\nlivedebugging {\n enable = true\n}' },
    args: 'validate @/a',
    code: 1,
    stderr:
      /a:2:10: unrecognized log level "loud".*a:5:2: unrecognized attribute name "enable".*did you mean "enabled"/s,
  },
  {
    title: 'warnings do not fail it',
    files: { a: 'logging {\n level = to_lower("INFO")\n}' },
    args: 'validate @/a',
    code: 0,
    stderr: /^Warning: \S*a:2:\d+: /,
  },
  { title: 'a missing file is told', args: 'validate @/a', code: 1, stderr: /reading config path ".*a": .*ENOENT/ },
];
for (const { title, files = {}, args, input = '', code, stdout, stderr = nothing } of cases) {
  test(title, async (t) => {
    const folder = await folderFor(t, files);
    const argv = args === '' ? [] : args.split(' ').map((arg) => arg.replace(/^@/, folder));
    const result = await runProgram(argv, input);
    assert.equal(result.code, code, JSON.stringify(result));
    if (stdout !== undefined) assert.match(result.stdout, stdout);
    assert.match(result.stderr, stderr);
  });
}

test('fmt -w changes the file, keeps its mode, and leaves a formatted file alone', async (t) => {
  const file = path.join(await folderFor(t, { a: ugly }), 'a');
  await chmod(file, 0o640);
  assert.deepEqual(await runProgram(['fmt', '-w', file]), { code: 0, stdout: '', stderr: '' });
  assert.equal(await readFile(file, 'utf8'), pretty);
  const { mode, mtimeMs } = await stat(file);
  assert.equal(mode & 0o777, 0o640);
  await runProgram(['fmt', '-w', file]);
  assert.equal((await stat(file)).mtimeMs, mtimeMs);
});

function runBin(file: string, searchPath = process.env.PATH): Promise<Result> {
  return new ChildProgram('env', [`PATH=${searchPath}`, file, '--version']).result;
}

test('the executable runs from anywhere, also through links', async (t) => {
  const folder = await folderFor(t, {});
  await symlink(path.resolve('bin/millrace'), path.join(folder, 'one'));
  await symlink('one', path.join(folder, 'two'));
  assert.match((await runBin(path.join(folder, 'two'))).stdout, /^millrace, version/);
});

/** A program that says it is some version of Node.js. */
function fakeNode(version: string): string {
  return `#!/bin/sh
    if [ "$1" = --version ]; then echo ${version}; else echo "runs $*"; fi
  `;
}

test('without the Node.js of the package, the executable takes that of the system if it is new enough', async (t) => {
  const folder = await folderFor(t, {});
  for (const name of ['bin', 'dist', 'system']) await mkdir(path.join(folder, name));
  await cp('bin/millrace', path.join(folder, 'bin/millrace'));
  for (const [version, isEnough] of [
    ['v20.19.1', false],
    ['v24.11.9', false],
    ['v24.12.0', true],
    ['v26.0.0', true],
  ] as const) {
    const node = path.join(folder, 'system/node');
    await writeFile(node, fakeNode(version), { mode: 0o755 });
    const { code, stdout, stderr } = await runBin(path.join(folder, 'bin/millrace'), `${folder}/system:/usr/bin:/bin`);
    assert.equal(code, isEnough ? 0 : 1, version);
    if (isEnough) assert.match(stdout, /^runs (?:--\S+ )+\S+\/dist\/main\.js --version\n$/);
    else assert.equal(stderr, 'Error: Millrace needs Node.js 24.12 or newer\n');
  }
});
