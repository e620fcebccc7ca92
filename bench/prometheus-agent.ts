import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort, untilReady } from './collector.ts';
import { MeasuredProcess } from './measured-process.ts';

/** Starts the installed `prometheus` in agent mode with a configuration, in a folder of its own, and waits until it is ready. */
export async function startPrometheusAgent(folder: string, config: string): Promise<MeasuredProcess> {
  const file = path.join(folder, 'prometheus.yml');
  await writeFile(file, config);
  const port = await freePort();
  const process = new MeasuredProcess(
    [
      '--enable-feature=agent',
      `--config.file=${file}`,
      `--storage.agent.path=${path.join(folder, 'agent')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { executable: 'prometheus', stderr: 'ignore' },
  );
  await untilReady(process, `http://127.0.0.1:${port}`, 'prometheus');
  return process;
}
