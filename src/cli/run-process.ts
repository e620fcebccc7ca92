import type { AnyComponent } from '../component/component.ts';
import { runCommandLine } from './commands.ts';
import { fail, processConsole } from './console.ts';
import { packageVersion } from './version.ts';

/** Does what the command line of this process asks for, and sets its exit code. */
export async function runProcess(components: ReadonlyMap<string, AnyComponent>): Promise<void> {
  const console = processConsole();
  const context = { console, version: `v${packageVersion()}`, components };
  try {
    process.exitCode = await runCommandLine(process.argv.slice(2), context);
  } catch (error) {
    // Only a bug gets here.
    process.exitCode = fail(console, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  // What could not be stopped must not keep the process.
  setTimeout(() => process.exit(), 100).unref();
}
