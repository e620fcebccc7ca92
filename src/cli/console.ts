import { printDiagnostics } from '../syntax/diagnostic-printer.ts';
import type { Diagnostic } from '../syntax/diagnostic.ts';

/** What a command prints to. */
export interface Console {
  out(text: string): void;
  /** Shows errors and warnings. */
  err(text: string): void;
  readonly hasColors: boolean;
}

/** The standard streams of the process. */
export function processConsole(): Console {
  const { stdout, stderr } = process;
  // A reader that has gone must not end the program.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    hasColors: stderr.isTTY && stderr.hasColors(),
  };
}

/** Prints the reason why a command failed. Its exit code is the result. */
export function fail(console: Console, message: string): 1 {
  console.err(`Error: ${message}\n`);
  return 1;
}

export function showDiagnostics(console: Console, diagnostics: readonly Diagnostic[]): void {
  if (diagnostics.length > 0) console.err(`${printDiagnostics(diagnostics, { color: console.hasColors })}\n`);
}
