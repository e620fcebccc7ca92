import { readFile, stat, writeFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { messageOf } from '../base/message-of.ts';
import { hasErrors, type Diagnostic } from '../syntax/diagnostic.ts';
import { parse } from '../syntax/parser.ts';
import { format } from '../syntax/printer.ts';
import { sourceFromBytes } from '../syntax/source-text.ts';
import type { CommandContext } from './command.ts';
import { fail, showDiagnostics } from './console.ts';
import type { FlagValues } from './flags.ts';
import type { fmtFlags } from './options.ts';

/** `fmt`: prints a configuration in its canonical form, or writes or checks it. Only the syntax must be right. */
export async function fmt(
  { write, test }: FlagValues<typeof fmtFlags>,
  [file = '-']: readonly string[],
  { console }: CommandContext,
): Promise<number> {
  const isStdin = file === '-';
  if (write && test) return fail(console, 'cannot use -w/--write and -t/--test at the same time');
  if (write && isStdin) return fail(console, 'cannot use -w with standard input');
  let bytes: Uint8Array;
  try {
    if (!isStdin && (await stat(file)).isDirectory()) return fail(console, 'cannot format a directory');
    bytes = isStdin ? await buffer(process.stdin) : await readFile(file);
  } catch (error) {
    return fail(console, messageOf(error));
  }

  const name = isStdin ? '<stdin>' : file;
  const problems: Diagnostic[] = [];
  const source = sourceFromBytes(bytes, name, (problem) => problems.push(problem));
  const parsed = source && parse(source);
  const diagnostics = problems.concat(parsed?.diagnostics ?? []);
  if (source === undefined || parsed === undefined || hasErrors(diagnostics)) {
    showDiagnostics(console, diagnostics);
    return fail(console, `cannot format ${name}`);
  }
  const formatted = format(parsed.file);
  if (test) return formatted === source.text ? 0 : fail(console, `file ${name} is not formatted correctly`);
  if (!write) {
    console.out(formatted);
  } else if (formatted !== source.text) {
    try {
      await writeFile(file, formatted);
    } catch (error) {
      return fail(console, messageOf(error));
    }
  }
  return 0;
}
