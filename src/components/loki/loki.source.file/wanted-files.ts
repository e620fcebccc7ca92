import { ParseError } from '../../../base/parse-error.ts';
import { matchFiles } from '../../../files/match-files.ts';
import type { SearchCache } from '../../../files/search-cache.ts';
import type { Labels } from '../../../model/labels.ts';
import { positionKey } from '../../../storage/positions-format.ts';
import type { FileSourceArguments } from './fields.ts';

/** A file that is to be followed. The same path with other labels is followed on its own. */
export interface WantedFile {
  readonly key: string;
  readonly path: string;
  /** The labels of its entries. */
  readonly labels: Labels;
  /** The labels without the file name, as positions have them. */
  readonly labelsText: string;
}

/** The files that targets name or match, by their keys, and what is wrong with targets. */
export interface Wanted {
  readonly files: ReadonlyMap<string, WantedFile>;
  readonly problems: readonly string[];
}

/** Files that are followed already are wanted even if they are too old by now. */
export async function wantedFiles(
  args: FileSourceArguments,
  cache: SearchCache,
  isFollowed: (key: string) => boolean,
): Promise<Wanted> {
  const named = args.targets.filter((target) => (target.get('__path__') ?? '') !== '');
  const problems = new Set<string>();
  if (named.length < args.targets.length) problems.add('targets without "__path__" are ignored');
  const files = new Map<string, WantedFile>();
  const { enabled, ignore_older_than: maxAge } = args.file_match;
  if (!enabled) {
    for (const target of named) {
      const file = wantedFile(target, target.get('__path__') ?? '');
      files.set(file.key, file);
    }
    return { files, problems: [...problems] };
  }
  const patterns = named.map((target) => ({
    include: target.get('__path__') ?? '',
    exclude: target.get('__path_exclude__') ?? '',
  }));
  const oldest = maxAge > 0 ? Date.now() - maxAge : -Infinity;
  const results = await matchFiles(patterns, { needsTimes: maxAge > 0, oldest, cache });
  for (const [index, target] of named.entries()) {
    const found = results[index] ?? [];
    if (found instanceof ParseError) {
      problems.add(found.message);
      continue;
    }
    for (const { path, modifiedAt } of found) {
      const file = wantedFile(target, path);
      if (modifiedAt >= oldest || isFollowed(file.key)) files.set(file.key, file);
    }
  }
  return { files, problems: [...problems] };
}

function wantedFile(target: Labels, path: string): WantedFile {
  const visible = target.filter((name) => !name.startsWith('__') && name !== 'filename');
  const labelsText = visible.toString();
  return { key: positionKey(path, labelsText), path, labels: visible.with('filename', path), labelsText };
}
