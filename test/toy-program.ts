import { runProcess } from '../src/cli/run-process.ts';
import { toyComponents } from '../src/testkit/toy-components.ts';

/* The program with the toy components instead of the real ones. */
await runProcess(toyComponents);
