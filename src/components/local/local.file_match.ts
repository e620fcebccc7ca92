import { Doorbell, repeat } from '../../base/doorbell.ts';
import { ParseError } from '../../base/parse-error.ts';
import { component } from '../../component/component.ts';
import { matchFiles } from '../../files/match-files.ts';
import { SearchCache } from '../../files/search-cache.ts';
import type { Labels } from '../../model/labels.ts';
import { duration } from '../../schema/attributes.ts';
import { exportedTargets, targets } from '../../schema/targets.ts';

export const localFileMatch = component({
  name: 'local.file_match',
  stability: 'generally-available',
  doc: `
Finds files by patterns, again and again, and exports a target for each: a copy of the target with the pattern, whose
\`__path__\` is the absolute path of the file. In patterns, \`*\` stands for any characters but slashes, \`?\` for one,
\`[a-z]\` for one of a class, \`{a,b}\` for alternatives, and \`**\` between slashes for any number of directories. Files
that match the pattern in \`__path_exclude__\` are left out. A file that several targets match is exported for each.`,
  example: `
local.file_match "app" {
  path_targets = [{
    __path__         = "/var/log/app/**/*.log",
    __path_exclude__ = "/var/log/app/debug/*",
    job              = "app",
  }]
}

loki.source.file "app" {
  targets    = local.file_match.app.targets
  forward_to = [loki.echo.out.receiver]
}

loki.echo "out" { }`,
  arguments: {
    path_targets: targets('What to look for: `__path__` is a pattern, `__path_exclude__` another one if it is there.'),
    sync_period: duration('How often to look.')
      .default(10_000)
      .check((period) => (period > 0 ? undefined : 'must be greater than 0')),
    ignore_older_than: duration('Leaves out files that were not written to for so long; 0 leaves out none.').default(0),
  },
  exports: {
    targets: exportedTargets('One target for each file that was found, in the order of the targets and of the names.'),
  },
  metrics: {},
  build(context) {
    const bell = new Doorbell();
    const cache = new SearchCache();
    let { args } = context;
    let problems = '';

    const scan = async (): Promise<void> => {
      const { path_targets: wanted, ignore_older_than: maxAge } = args;
      const patterns = wanted.map((target) => ({
        include: target.get('__path__') ?? '',
        exclude: target.get('__path_exclude__') ?? '',
      }));
      const oldest = maxAge > 0 ? Date.now() - maxAge : -Infinity;
      const results = await matchFiles(patterns, { needsTimes: maxAge > 0, oldest, cache });
      const found: Labels[] = [];
      for (const [index, target] of wanted.entries()) {
        const files = results[index] ?? [];
        if (files instanceof ParseError) continue;
        for (const { path, modifiedAt } of files) if (modifiedAt >= oldest) found.push(target.with('__path__', path));
      }
      context.export({ targets: found });
      tellProblems(results.filter((result) => result instanceof ParseError));
    };

    const tellProblems = (errors: readonly ParseError[]): void => {
      const text = [...new Set(errors.map(({ message }) => message))].join('; ');
      if (text !== '') context.health('unhealthy', text);
      else if (problems !== '') context.health('healthy', 'all patterns are valid');
      if (text !== '' && text !== problems) context.log.error('cannot look for files', { error: text });
      problems = text;
    };

    return {
      exports: { targets: [] },
      run: (signal) => repeat(bell, signal, () => args.sync_period, scan),
      update(changed) {
        args = changed;
        bell.ring();
      },
    };
  },
});
