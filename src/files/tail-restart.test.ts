import assert from 'node:assert/strict';
import { appendFile, copyFile, rename, truncate, unlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileOf, follow } from '../testkit/follow-file.ts';
import type { Checkpoint } from './checkpoint.ts';

/** Reads a file to its end as an earlier run, and gives where it stopped. */
async function earlierRun(t: TestContext, file: string, lines: number): Promise<Checkpoint | undefined> {
  const { tail, receiver, stop } = follow(t, file);
  await receiver.take(lines);
  await stop();
  return tail.delivered;
}

const longLine = 'a line that is long enough to tell this file from all others, whatever they hold\n';

test('a later run goes on with what came in between, by what happened to the file', async (t) => {
  const cases: readonly {
    readonly name: string;
    readonly happens: (file: string) => Promise<void>;
    readonly lines: readonly string[];
  }[] = [
    {
      name: 'it has grown',
      happens: (file) => appendFile(file, 'more\n'),
      lines: ['more'],
    },
    {
      name: 'it was renamed and replaced',
      async happens(file) {
        await appendFile(file, 'rest\n');
        await rename(file, `${file}.1`);
        await writeFile(file, 'new\n');
      },
      lines: ['rest', 'new'],
    },
    {
      name: 'it was renamed and replaced by a file with the same beginning',
      async happens(file) {
        await appendFile(file, 'rest\n');
        await rename(file, `${file}.1`);
        await writeFile(file, `${longLine}new\n`);
      },
      lines: ['rest', longLine.trimEnd(), 'new'],
    },
    {
      name: 'it was renamed several times',
      async happens(file) {
        await writeFile(`${file}.3`, 'read long ago\n');
        await writeFile(`${path.dirname(file)}/app-error.log`, 'something else\n');
        await utimes(`${file}.3`, 1000, 1000);
        await appendFile(file, 'rest\n');
        await rename(file, `${file}.2`);
        await utimes(`${file}.2`, 2000, 2000);
        await writeFile(`${file}.1`, 'between\n');
        await writeFile(file, 'new\n');
      },
      lines: ['rest', 'between', 'new'],
    },
    {
      name: 'it was renamed and has no successor yet',
      async happens(file) {
        await appendFile(file, 'rest\n');
        await rename(file, `${file}-20240101`);
      },
      lines: ['rest'],
    },
    {
      name: 'it was copied and cut off',
      async happens(file) {
        await appendFile(file, 'rest\n');
        await copyFile(file, `${file}.1`);
        await truncate(file);
        await appendFile(file, 'new\n');
      },
      lines: ['rest', 'new'],
    },
    {
      name: 'it was replaced by a smaller file',
      async happens(file) {
        await unlink(file);
        await writeFile(file, 'new\n');
      },
      lines: ['new'],
    },
    {
      name: 'it was replaced by a larger file',
      async happens(file) {
        await unlink(file);
        await writeFile(file, `${'x'.repeat(500)}\nnew\n`);
      },
      lines: ['x'.repeat(500), 'new'],
    },
    {
      name: 'it was cut off and has grown again',
      happens: (file) => writeFile(file, `${'x'.repeat(500)}\nnew\n`),
      lines: ['x'.repeat(500), 'new'],
    },
    {
      name: 'it was written anew by an editor',
      async happens(file) {
        await writeFile(`${file}.new`, `${longLine}more\n`);
        await rename(`${file}.new`, file);
      },
      lines: ['more'],
    },
  ];
  for (const { name, happens, lines } of cases) {
    const file = await fileOf(t, longLine);
    const from = await earlierRun(t, file, 1);
    assert.equal(from?.offset, longLine.length);
    await happens(file);
    const { receiver, stop } = follow(t, file, { from });
    assert.deepEqual(await receiver.take(lines.length), lines, name);
    await stop();
  }
});

test('a place that another program recorded counts as long as the file is large enough', async (t) => {
  const file = await fileOf(t, 'line1\nline2\n');
  const inside = follow(t, file, { from: { offset: 6, identity: undefined } });
  assert.deepEqual(await inside.receiver.take(1), ['line2']);
  const outside = follow(t, file, { from: { offset: 13, identity: undefined } });
  assert.deepEqual(await outside.receiver.take(2), ['line1', 'line2']);
});
