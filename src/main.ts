import { runProcess } from './cli/run-process.ts';
import { components } from './components/index.ts';

await runProcess(components);
