import { ParseError } from '../base/parse-error.ts';
import type { AnyComponent } from '../component/component.ts';
import { fail, type Console } from './console.ts';
import { describeFlags, parseFlags, type Flags, type FlagValues } from './flags.ts';

/** What commands work with. */
export interface CommandContext {
  readonly console: Console;
  readonly version: string;
  /** The catalogue. */
  readonly components: ReadonlyMap<string, AnyComponent>;
}

export interface Command {
  /** The name, and what follows it: `run [flags] <path>`. */
  readonly usage: string;
  readonly doc: string;
  readonly help: string;
  /** Runs with what follows the name on the command line; the result is the exit code. */
  run(argv: readonly string[], context: CommandContext): Promise<number>;
}

interface CommandSpec<F extends Flags> {
  readonly usage: string;
  readonly doc: string;
  readonly flags: F;
  /** How many arguments there may be that are no flags. */
  readonly positionals: { readonly min: number; readonly max: number };
  /** Gets what does the work, which is loaded only if it is wanted. */
  load(): Promise<(values: FlagValues<F>, positionals: readonly string[], context: CommandContext) => Promise<number>>;
}

/** Defines a command. Its arguments and `--help` are dealt with before it runs. */
export function command<F extends Flags>(spec: CommandSpec<F>): Command {
  const { usage, doc, flags, positionals: wanted } = spec;
  const help = `${doc}\n\nUsage:\n  millrace ${usage}\n\nFlags:\n${describeFlags(flags)}`;
  return {
    usage,
    doc,
    help,
    async run(argv, context) {
      const { console } = context;
      const parsed = parseFlags(flags, argv);
      if (parsed instanceof ParseError) return fail(console, parsed.message);
      const { values, positionals, warnings } = parsed;
      if (values.help === true) {
        console.out(help);
        return 0;
      }
      if (positionals.length < wanted.min || positionals.length > wanted.max)
        return fail(console, `want ${usage.replace('[flags] ', '')}, got ${positionals.length} arguments`);
      for (const warning of warnings) console.err(`Warning: ${warning}\n`);
      return (await spec.load())(values, positionals, context);
    },
  };
}
