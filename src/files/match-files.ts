import { stat } from 'node:fs/promises';
import path from 'node:path';
import { ParseError } from '../base/parse-error.ts';
import type { Milliseconds } from '../base/duration.ts';
import { DirectoryCache, findFiles } from './find-files.ts';
import { compileGlob } from './glob.ts';

/** Which files are meant: those that match one pattern and not the other, which may be empty. */
export interface FilePattern {
  readonly include: string;
  readonly exclude: string;
}

export interface MatchedFile {
  /** Absolute. */
  readonly path: string;
  /** Milliseconds since 1970; 0 if nobody asked for it. */
  readonly modifiedAt: Milliseconds;
}

/**
 * The files of each pattern, or what is wrong with it. An exclude pattern is compared with the path as the other pattern
 * spells it, and excludes nothing if it is malformed. Patterns that occur twice are searched for once.
 */
export async function matchFiles(
  patterns: readonly FilePattern[],
  { needsTimes }: { readonly needsTimes: boolean },
): Promise<(readonly MatchedFile[] | ParseError)[]> {
  const cache = new DirectoryCache();
  const searches = new Map<string, Promise<readonly MatchedFile[] | ParseError>>();
  const results: (readonly MatchedFile[] | ParseError)[] = [];
  for (const pattern of patterns) {
    const key = `${pattern.include}\0${pattern.exclude}`;
    let search = searches.get(key);
    if (search === undefined) searches.set(key, (search = matchOne(pattern, needsTimes, cache)));
    results.push(await search);
  }
  return results;
}

async function matchOne(
  { include, exclude }: FilePattern,
  needsTimes: boolean,
  cache: DirectoryCache,
): Promise<readonly MatchedFile[] | ParseError> {
  const glob = compileGlob(include);
  if (glob instanceof ParseError)
    return new ParseError(`malformed pattern ${JSON.stringify(include)}: ${glob.message}`);
  const excluded = compileGlob(exclude);
  const found = await findFiles(glob, cache);
  const kept = excluded instanceof ParseError ? found : found.filter((file) => !excluded.matches(file));
  const files = kept.map((file) => path.resolve(file));
  if (!needsTimes) return files.map((file) => ({ path: file, modifiedAt: 0 }));
  const dated: MatchedFile[] = [];
  for (const file of files) {
    try {
      dated.push({ path: file, modifiedAt: (await stat(file)).mtimeMs });
    } catch {
      // It has vanished since.
    }
  }
  return dated;
}
