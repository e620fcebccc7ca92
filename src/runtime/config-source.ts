import { messageOf } from '../base/message-of.ts';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Report } from '../syntax/diagnostic.ts';
import { sourceFromBytes } from '../syntax/source-text.ts';
import type { Source } from '../syntax/source.ts';

/** A configuration as it was read: one file, or every `*.alloy` file of a folder by name. */
export interface ConfigSource {
  readonly sources: readonly Source[];
  /** The value of `module_path`: the folder. */
  readonly modulePath: string;
}

/** Reads a configuration file or folder. What cannot be read is reported, each file of it. */
export async function readConfig(configPath: string, report: Report): Promise<ConfigSource | undefined> {
  try {
    const isFolder = (await stat(configPath)).isDirectory();
    const files = isFolder ? await filesIn(configPath) : [configPath];
    const sources: Source[] = [];
    let isWhole = true;
    for (const file of files) {
      const source = sourceFromBytes(await readFile(file), file, report);
      if (source === undefined) isWhole = false;
      else sources.push(source);
    }
    if (!isWhole) return undefined;
    return { sources, modulePath: isFolder ? configPath : path.dirname(configPath) };
  } catch (error) {
    const reason = messageOf(error);
    report({ severity: 'error', code: 'load/unreadable', message: `reading config path "${configPath}": ${reason}` });
    return undefined;
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder);
  const files: string[] = [];
  for (const entry of entries.filter((name) => name.endsWith('.alloy')).toSorted()) {
    const file = path.join(folder, entry);
    if ((await stat(file)).isFile()) files.push(file);
  }
  return files;
}
