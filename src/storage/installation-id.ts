import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { errorCode, realFiles, type FileSystem } from './file-system.ts';
import { replaceFile } from './replace-file.ts';

/** As Alloy calls it, so that an installation stays the same one when it changes the program. */
const fileName = 'alloy_seed.json';

/**
 * What tells this installation from others: a UUID in the folder where programs keep their data, which is made at the first
 * start. Never rejects: what is wrong with the file is reported, and the UUID is one for this run then.
 */
export async function installationId(
  folder: string,
  version: string,
  report: (problem: string, error: unknown) => void,
  files: FileSystem = realFiles,
): Promise<string> {
  const file = path.join(folder, fileName);
  try {
    const known = idIn(await files.readFile(file, 'utf8'));
    if (known !== undefined) return known;
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') report('cannot read the ID of the installation', error);
  }
  const id = randomUUID();
  try {
    const seed = { UID: id, created_at: new Date().toISOString(), version };
    await replaceFile(file, `${JSON.stringify(seed)}\n`, files);
  } catch (error) {
    report('cannot write the ID of the installation', error);
  }
  return id;
}

function idIn(text: string): string | undefined {
  let seed: unknown;
  try {
    seed = JSON.parse(text);
  } catch {
    // It is written anew.
    return undefined;
  }
  const id = typeof seed === 'object' && seed !== null && 'UID' in seed ? seed.UID : undefined;
  return typeof id === 'string' && /^[\w-]{1,64}$/.test(id) ? id : undefined;
}
