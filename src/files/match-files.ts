import path from 'node:path';
import { ParseError } from '../base/parse-error.ts';
import type { Milliseconds } from '../base/duration.ts';
import { findFiles } from './find-files.ts';
import { compileGlob } from './glob.ts';
import { SearchCache } from './search-cache.ts';

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

export interface MatchOptions {
  /** Whether it matters when files were written to. */
  readonly needsTimes: boolean;
  /** Files that were written to later are known to be recent, and need not be looked at again. */
  readonly oldest?: Milliseconds;
  /** What searches before this one have found. */
  readonly cache?: SearchCache;
}

/**
 * The files of each pattern, or what is wrong with it. An exclude pattern is compared with the path as the other pattern
 * spells it, and excludes nothing if it is malformed. Patterns that occur twice are searched for once.
 */
export async function matchFiles(
  patterns: readonly FilePattern[],
  { needsTimes, oldest = Infinity, cache = new SearchCache() }: MatchOptions,
): Promise<(readonly MatchedFile[] | ParseError)[]> {
  cache.begin();
  const searches = new Map<string, Promise<readonly MatchedFile[] | ParseError>>();
  const results: (readonly MatchedFile[] | ParseError)[] = [];
  for (const pattern of patterns) {
    const key = `${pattern.include}\0${pattern.exclude}`;
    let search = searches.get(key);
    if (search === undefined) searches.set(key, (search = matchOne(pattern, needsTimes ? oldest : undefined, cache)));
    results.push(await search);
  }
  return results;
}

async function matchOne(
  { include, exclude }: FilePattern,
  oldest: Milliseconds | undefined,
  cache: SearchCache,
): Promise<readonly MatchedFile[] | ParseError> {
  const glob = compileGlob(include);
  if (glob instanceof ParseError)
    return new ParseError(`malformed pattern ${JSON.stringify(include)}: ${glob.message}`);
  const excluded = compileGlob(exclude);
  const found = await findFiles(glob, cache);
  const kept = excluded instanceof ParseError ? found : found.filter((file) => !excluded.matches(file));
  const files = kept.map((file) => path.resolve(file));
  if (oldest === undefined) return files.map((file) => ({ path: file, modifiedAt: 0 }));
  const dated: MatchedFile[] = [];
  for (const file of files) {
    const modifiedAt = await cache.modifiedAt(file, oldest);
    // It may have vanished since.
    if (modifiedAt !== undefined) dated.push({ path: file, modifiedAt });
  }
  return dated;
}
