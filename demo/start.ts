import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCommandLine } from '../src/cli/commands.ts';
import { processConsole } from '../src/cli/console.ts';
import { packageVersion } from '../src/cli/version.ts';
import { components } from '../src/components/index.ts';
import { startLogWriter } from './log-writer.ts';
import { startPushEndpoint } from './push-endpoint.ts';

/*
 * `npm start`: runs demo.alloy, with something that writes logs before it and something that takes them behind it.
 * Options of `run` may be given, such as `npm start -- --server.http.listen-addr=127.0.0.1:8080`.
 */
const folder = mkdtempSync(path.join(tmpdir(), 'millrace-demo-'));
const logs = path.join(folder, 'logs/web');
mkdirSync(logs, { recursive: true });
process.env.DEMO_LOGS = path.dirname(logs);
process.env.DEMO_LOKI_URL = await startPushEndpoint();
startLogWriter(logs);
console.log(`Logs are written to ${logs}. What arrives at the push endpoint is printed below; stop with Ctrl-C.\n`);

const config = path.join(import.meta.dirname, 'demo.alloy');
const context = {
  console: processConsole(),
  version: `v${packageVersion()}`,
  components,
};
const flags = [`--storage.path=${path.join(folder, 'data')}`, ...process.argv.slice(2)];
process.exitCode = await runCommandLine(['run', ...flags, config], context);
rmSync(folder, { recursive: true });
