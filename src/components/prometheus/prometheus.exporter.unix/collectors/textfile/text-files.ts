import { glob, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../../../../base/message-of.ts';
import { ParseError } from '../../../../../base/parse-error.ts';
import type { FamilyDocument } from '../../../../../formats/prometheus-text/family-document.ts';
import { parseFamilies } from '../../../../../formats/prometheus-text/parse-families.ts';

/** Larger files would take too long to read while someone waits. */
const maxBytes = 16 * 1024 * 1024;

export interface TextFile {
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  readonly families: readonly FamilyDocument[];
}

/** The files that end in `.prom` in the folders that match a pattern, in the order of their names. */
export async function readTextFiles(
  pattern: string,
): Promise<{ readonly files: readonly TextFile[]; readonly problems: readonly string[] }> {
  const files: TextFile[] = [];
  const problems: string[] = [];
  if (pattern === '') return { files, problems };
  for (const folder of await foldersOf(pattern)) {
    try {
      const names = (await readdir(folder)).filter((name) => name.endsWith('.prom')).toSorted();
      for (const name of names) {
        const file = await readTextFile(path.join(folder, name));
        if (file instanceof ParseError) problems.push(file.message);
        else files.push(file);
      }
    } catch (error) {
      problems.push(messageOf(error));
    }
  }
  return { files, problems };
}

/** What matches a pattern; the pattern itself if nothing does, which is then told to be missing. */
async function foldersOf(pattern: string): Promise<readonly string[]> {
  if (!/[*?[\\]/.test(pattern)) return [pattern];
  const found = (await Array.fromAsync(glob(pattern))).toSorted();
  return found.length === 0 ? [pattern] : found;
}

async function readTextFile(file: string): Promise<TextFile | ParseError> {
  const refuse = (problem: string): ParseError => new ParseError(`${file}: ${problem}`);
  try {
    const found = await stat(file);
    const { mtimeMs: modifiedAt, size } = found;
    // Reading a pipe would wait for whoever writes into it.
    if (!found.isFile()) return refuse('it is not a file');
    if (size > maxBytes) return refuse(`it is larger than ${maxBytes} bytes`);
    const families = parseFamilies(await readFile(file, 'utf8'));
    if (families instanceof ParseError) return refuse(families.message);
    const stamped = families.find(({ series }) => series.some(({ timestamp }) => timestamp !== undefined));
    if (stamped !== undefined) return refuse(`${stamped.name} has a timestamp, which is not allowed here`);
    return { path: file, modifiedAt, families };
  } catch (error) {
    return refuse(messageOf(error));
  }
}
