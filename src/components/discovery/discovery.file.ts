import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Doorbell, repeat } from '../../base/doorbell.ts';
import { messageOf } from '../../base/message-of.ts';
import { ParseError } from '../../base/parse-error.ts';
import { component } from '../../component/component.ts';
import { counter, gauge, histogram } from '../../component/metrics.ts';
import { DirectoryWatch } from '../../files/directory-watch.ts';
import { compileGlob } from '../../files/glob.ts';
import { matchFiles } from '../../files/match-files.ts';
import type { Labels } from '../../model/labels.ts';
import { attribute, duration } from '../../schema/attributes.ts';
import { exportedTargets } from '../../schema/targets.ts';
import { listType, stringType } from '../../schema/types.ts';
import { parseTargetFile } from './discovery.file/target-file.ts';
import { TargetExport } from './target-export.ts';
import { maxTargetListBytes } from './target-groups.ts';

export const discoveryFile = component({
  name: 'discovery.file',
  stability: 'generally-available',
  doc: `
Exports the targets that are listed in files, and follows changes of the files. A file is a list of groups in JSON or
YAML, \`[{ targets: ["host:port"], labels: { name: value } }]\`, whose name ends in \`.json\`, \`.yml\` or \`.yaml\`. Each
target gets its labels, \`__address__\` and \`__meta_filepath\`. A file that cannot be read keeps the targets it had. Targets
are exported in the order of the patterns and of the names, at most every 5 seconds.`,
  example: `
discovery.file "hosts" {
  files = ["/etc/targets/*.yml"]
}`,
  arguments: {
    files: attribute('Paths, or patterns for paths.', listType(stringType)).check(patternProblem),
    refresh_interval: duration('How often the files are read again even if no change was noticed.')
      .default(300_000)
      .check((period) => (period > 0 ? undefined : 'must be greater than 0')),
  },
  exports: {
    targets: exportedTargets('All targets of all files.'),
  },
  metrics: {
    modified: gauge('prometheus_sd_file_mtime_seconds', 'When a file was changed last, in seconds since 1970.', [
      'filename',
    ]),
    readErrors: counter('prometheus_sd_file_read_errors_total', 'Files that could not be read.'),
    duration: histogram('prometheus_sd_file_scan_duration_seconds', 'The time to read all files.', [0.01, 0.1, 1, 10]),
    watchErrors: counter('prometheus_sd_file_watcher_errors_total', 'Directories that could not be watched.'),
  },
  build(context) {
    const { args, log, metrics } = context;
    const bell = new Doorbell();
    const exporter = new TargetExport((targets) => context.export({ targets }));
    const patterns = args.files.map((include) => ({ include, exclude: '' }));
    let targetsOf: ReadonlyMap<string, readonly Labels[]> = new Map();
    let problems = '';

    const readAll = async (): Promise<readonly Labels[]> => {
      const start = performance.now();
      const results = await matchFiles(patterns, { needsTimes: false });
      const files = new Set(
        results.flatMap((found) => (found instanceof ParseError ? [] : found.map((file) => file.path))),
      );
      const read = new Map<string, readonly Labels[]>();
      const failures: string[] = [];
      for (const file of files) {
        const targets = await readTargets(file);
        if (targets instanceof ParseError) {
          failures.push(targets.message);
          metrics.readErrors.inc();
          read.set(file, targetsOf.get(file) ?? []);
        } else {
          read.set(file, targets.targets);
          metrics.modified.with(file).set(targets.modifiedAt / 1000);
        }
      }
      for (const file of targetsOf.keys()) if (!files.has(file)) metrics.modified.remove(file);
      targetsOf = read;
      tellProblems(failures.join('; '));
      metrics.duration.observe((performance.now() - start) / 1000);
      return [...read.values()].flat();
    };

    const tellProblems = (text: string): void => {
      if (text !== '') context.health('unhealthy', text);
      else if (problems !== '') context.health('healthy', 'read all files');
      if (text !== '' && text !== problems) log.error('cannot read targets', { error: text });
      problems = text;
    };

    return {
      exports: { targets: [] },
      async prepare() {
        const targets = await readAll();
        exporter.begin(targets);
        return { targets };
      },
      async run(signal) {
        const watch = new DirectoryWatch({
          changed: () => bell.ring(),
          failed: (error) => {
            metrics.watchErrors.inc();
            log.debug('cannot watch directory', { error: messageOf(error) });
          },
          // Mounted files are links through an entry whose name begins with two dots, which is what changes.
          concerns: (name) => /\.(json|ya?ml)$/i.test(name) || name.startsWith('..'),
        });
        await repeat(
          bell,
          signal,
          () => args.refresh_interval,
          async () => {
            exporter.set(await readAll());
            watch.watch(directoriesOf(args.files, targetsOf.keys()));
          },
        );
        watch.close();
        exporter.close();
      },
    };
  },
});

function patternProblem(patterns: readonly string[]): string | undefined {
  for (const pattern of patterns) {
    const glob = compileGlob(pattern);
    if (glob instanceof ParseError) return `malformed pattern ${JSON.stringify(pattern)}: ${glob.message}`;
  }
  return undefined;
}

async function readTargets(
  file: string,
): Promise<{ readonly targets: readonly Labels[]; readonly modifiedAt: number } | ParseError> {
  try {
    const stats = await stat(file);
    if (stats.size > maxTargetListBytes) return new ParseError(`${file}: is larger than ${maxTargetListBytes} bytes`);
    const targets = parseTargetFile(file, await readFile(file, 'utf8'));
    if (targets instanceof ParseError) return new ParseError(`${file}: ${targets.message}`);
    return { targets, modifiedAt: stats.mtimeMs };
  } catch (error) {
    return new ParseError(`${file}: ${messageOf(error)}`);
  }
}

/** Where changes can be noticed: the directories of the files, and those that patterns name literally. */
function directoriesOf(patterns: readonly string[], files: Iterable<string>): ReadonlySet<string> {
  const literal = patterns.map((pattern) => path.dirname(pattern)).filter((name) => !/[*?[{\\]/.test(name));
  return new Set([...literal.map((name) => path.resolve(name)), ...Array.from(files, (file) => path.dirname(file))]);
}
