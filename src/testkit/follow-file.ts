import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Checkpoint } from '../files/checkpoint.ts';
import type { ReaderSettings } from '../files/reader-settings.ts';
import { Tail } from '../files/tail.ts';
import { LineRecorder, quickSettings } from './line-recorder.ts';

export interface Following {
  readonly tail: Tail;
  readonly receiver: LineRecorder;
  stop(): Promise<void>;
}

interface FollowOptions extends Partial<ReaderSettings> {
  readonly from?: Checkpoint | undefined;
}

/** Follows a file until the test is over. */
export function follow(
  t: TestContext,
  file: string,
  options: FollowOptions = {},
  receiver: LineRecorder = new LineRecorder(),
): Following {
  const settings = quickSettings(options);
  const tail = new Tail(file, options.from, settings, receiver);
  tail.start();
  const stop = async (): Promise<void> => {
    await tail.stop();
    settings.close();
    // The request that closed the last file is over only after this.
    await setImmediate();
  };
  t.after(stop);
  return { tail, receiver, stop };
}

/** A folder that is removed after the test. */
export async function folder(t: TestContext): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'follow-'));
  t.after(() => rm(root, { recursive: true }));
  return root;
}

/** A file with content in a folder of its own. */
export async function fileOf(t: TestContext, content: string | Buffer): Promise<string> {
  const file = path.join(await folder(t), 'app.log');
  await writeFile(file, content);
  return file;
}
