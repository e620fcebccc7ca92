import { readConfig } from '../runtime/config-source.ts';
import { hasErrors, type Diagnostic } from '../syntax/diagnostic.ts';
import type { CommandContext } from './command.ts';
import { fail, showDiagnostics } from './console.ts';
import type { FlagValues } from './flags.ts';
import { runFlags, type validateFlags } from './options.ts';
import { Program } from './program.ts';

/** `validate`: checks a configuration without running it. Warnings do not fail it. */
export async function validate(
  values: FlagValues<typeof validateFlags>,
  [configPath = '']: readonly string[],
  context: CommandContext,
): Promise<number> {
  const { runtime } = new Program({
    components: context.components,
    version: context.version,
    configPath,
    minimumStability: values['stability.level'],
    storagePath: '',
    nodeName: '',
    listenAddress: { host: '', port: 0 },
    memoryAddress: runFlags['server.http.memory-addr'].default,
    uiPathPrefix: '/',
    writeLog: () => undefined,
  });
  const problems: Diagnostic[] = [];
  const config = await readConfig(configPath, (problem) => problems.push(problem));
  const diagnostics = config === undefined ? problems : problems.concat(await runtime.check(config));
  showDiagnostics(context.console, diagnostics);
  return hasErrors(diagnostics) ? fail(context.console, 'validation failed') : 0;
}
