import { didYouMean } from '../base/did-you-mean.ts';
import { command, type Command, type CommandContext } from './command.ts';
import { fail } from './console.ts';
import { describeFlags } from './flags.ts';
import { fmtFlags, runFlags, topFlags, validateFlags } from './options.ts';

const commands: Readonly<Record<string, Command>> = {
  run: command({
    usage: 'run [flags] <path>',
    doc: 'Runs the configuration in a file or folder.',
    flags: runFlags,
    positionals: { min: 1, max: 1 },
    load: async () => (await import('./run.ts')).run,
  }),
  validate: command({
    usage: 'validate [flags] <path>',
    doc: 'Checks the configuration in a file or folder without running it.',
    flags: validateFlags,
    positionals: { min: 1, max: 1 },
    load: async () => (await import('./validate.ts')).validate,
  }),
  fmt: command({
    usage: 'fmt [flags] [file]',
    doc: 'Formats a configuration file, or standard input.',
    flags: fmtFlags,
    positionals: { min: 0, max: 1 },
    load: async () => (await import('./fmt.ts')).fmt,
  }),
};

const aliases: ReadonlyMap<string, string> = new Map([['format', 'fmt']]);

/** Commands of Alloy that are not here yet. */
const unsupported: ReadonlySet<string> = new Set([
  'completion',
  'convert',
  'gql',
  'graphql',
  'otel',
  'otel-supervisor',
  'tools',
]);

/** Runs what a command line asks for; the result is the exit code. */
export async function runCommandLine(argv: readonly string[], context: CommandContext): Promise<number> {
  const { console, version } = context;
  const [first = '--help', ...rest] = argv;
  switch (first) {
    case '-v':
    case '--version':
      console.out(`millrace, version ${version} (node ${process.version}, ${process.platform}/${process.arch})\n`);
      return 0;
    case '-h':
    case '--help':
    case 'help':
      console.out(findCommand(rest[0] ?? '')?.help ?? topHelp());
      return 0;
    default:
      break;
  }
  const found = findCommand(first);
  if (found !== undefined) return found.run(rest, context);
  if (unsupported.has(first)) return fail(console, `command ${JSON.stringify(first)} is not supported yet`);
  const hint = didYouMean(first, Object.keys(commands));
  return fail(console, `unknown command ${JSON.stringify(first)}${hint === undefined ? '' : ` (${hint})`}`);
}

function findCommand(name: string): Command | undefined {
  const known = aliases.get(name) ?? name;
  return Object.hasOwn(commands, known) ? commands[known] : undefined;
}

function topHelp(): string {
  const list = Object.values(commands).map(({ usage, doc }) => `  ${usage.padEnd(28)}${doc}\n`);
  return `Millrace collects telemetry as a Grafana Alloy configuration says.

Usage:
  millrace <command>

Commands:
${list.join('')}
Flags:
${describeFlags(topFlags)}
Each command has a --help of its own.
`;
}
