import { runProcess } from './cli/run-process.ts';

await runProcess(async () => (await import('./components/index.ts')).components);
