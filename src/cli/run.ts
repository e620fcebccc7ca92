import { messageOf } from '../base/message-of.ts';
import { ParseError } from '../base/parse-error.ts';
import { parseListenAddress, showListenAddress } from '../net/listen-address.ts';
import { installationId } from '../storage/installation-id.ts';
import type { CommandContext } from './command.ts';
import { fail, showDiagnostics } from './console.ts';
import { stabilityProblem, type FlagValues } from './flags.ts';
import { runFlags } from './options.ts';
import { Program } from './program.ts';

/** Kubernetes kills after 30 seconds; what cannot stop by itself must have been given up well before that. */
const shutdownDeadline = 19_000;
const connectionsDeadline = 1000;

/** `run`: loads a configuration and serves until it is told to stop. */
export async function run(
  values: FlagValues<typeof runFlags>,
  [configPath = '']: readonly string[],
  context: CommandContext,
): Promise<number> {
  const { console, version } = context;
  const problem = stabilityProblem(runFlags, values, values['stability.level']);
  if (problem !== undefined) return fail(console, problem);
  const listenAddress = parseListenAddress(values['server.http.listen-addr']);
  if (listenAddress instanceof ParseError) return fail(console, `--server.http.listen-addr: ${listenAddress.message}`);
  const storagePath = values['storage.path'];
  const problems: (readonly [message: string, error: unknown])[] = [];
  const program = new Program({
    components: context.components,
    version,
    configPath,
    minimumStability: values['stability.level'],
    storagePath,
    installationId: await installationId(storagePath, version, (...told) => problems.push(told)),
    nodeName: values['cluster.node-name'],
    listenAddress,
    memoryAddress: values['server.http.memory-addr'],
    uiPathPrefix: `/${values['server.http.ui-path-prefix']}/`.replaceAll(/\/+/g, '/'),
    writeLog: (text) => console.err(text),
  });
  for (const [message, error] of problems) program.log.warn(message, { error: messageOf(error) });
  const stopped = stopSignal();
  process.on('SIGHUP', () => void program.reload());

  try {
    await program.http.listen(listenAddress);
  } catch (error) {
    program.flushLog();
    return fail(console, `cannot serve the HTTP API: ${messageOf(error)}`);
  }
  const outcome = await Promise.race([program.load(), stopped]);
  if (typeof outcome !== 'string' && !outcome.isLoaded) {
    program.flushLog();
    await program.http.close(connectionsDeadline);
    showDiagnostics(console, outcome.diagnostics);
    return fail(console, 'could not perform the initial load successfully');
  }
  if (typeof outcome !== 'string')
    program.log.info('Millrace is running', { version, address: showListenAddress(listenAddress) });
  program.log.info('stopping', { signal: await stopped });
  await stop(program, Math.min(shutdownDeadline, values['feature.component-shutdown-deadline']));
  return 0;
}

/** Lets everything on the way arrive, as far as there is time. */
async function stop({ runtime, http, log }: Program, deadline: number): Promise<void> {
  const isStopped = await runtime.stop(deadline);
  await http.close(connectionsDeadline);
  if (isStopped) log.info('stopped');
}

/** Resolves with the name of the first signal to stop. The second one ends the program at once. */
function stopSignal(): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let isStopping = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      resolve(signal);
    });
  }
  return promise;
}
