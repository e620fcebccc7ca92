import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../base/message-of.ts';
import { HttpError } from '../http-error.ts';
import type { CloudContext } from './cloud-credentials.ts';

/** The settings of a profile. */
export type AwsProfile = ReadonlyMap<string, string>;

/**
 * The settings of a profile in the two files of AWS, of which that for credentials wins; undefined if neither has it. If
 * no name is given it is the one that the environment names.
 */
export async function awsProfile(wanted: string, { variables }: CloudContext): Promise<AwsProfile | undefined> {
  const name = wanted || variables['AWS_PROFILE'] || 'default';
  const home = variables['HOME'] || variables['USERPROFILE'] || '';
  const config = await read(variables['AWS_CONFIG_FILE'] || path.join(home, '.aws', 'config'));
  const keys = await read(variables['AWS_SHARED_CREDENTIALS_FILE'] || path.join(home, '.aws', 'credentials'));
  const found = [config.get(name === 'default' ? name : `profile ${name}`), keys.get(name)];
  if (found.every((settings) => settings === undefined)) return undefined;
  return new Map(found.flatMap((settings) => [...(settings ?? [])]));
}

async function read(file: string): Promise<ReadonlyMap<string, AwsProfile>> {
  try {
    return sections(await readFile(file, 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ENOTDIR') return new Map();
    throw new HttpError('credentials', `cannot read a file of AWS: ${messageOf(error)}`, error);
  }
}

/** The sections of an INI file. Lines that are indented belong to a setting that has several, which none here has. */
function sections(text: string): ReadonlyMap<string, AwsProfile> {
  const all = new Map<string, Map<string, string>>();
  let current = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[\s*([^\]]*?)\s*\]/.exec(line);
    const setting = /^([^\s#;=][^=]*?)\s*=\s*(.*?)\s*$/.exec(line);
    if (header !== null) {
      const name = (header[1] ?? '').replace(/\s+/g, ' ');
      current = all.get(name) ?? new Map<string, string>();
      all.set(name, current);
    } else if (setting !== null) current.set((setting[1] ?? '').toLowerCase(), setting[2] ?? '');
  }
  return all;
}
