import { readdirSync } from 'node:fs';

/** `npm run bench -- <name> [arguments]`: runs the benchmark of that name in this folder. */
const [name = '', ...args] = process.argv.slice(2);
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''));

if (!names.includes(name)) {
  console.error(`usage: npm run bench -- <name>, where the name is one of: ${names.join(', ')}`);
  process.exit(1);
}
const { run } = (await import(`./${name}.bench.ts`)) as { run(args: readonly string[]): Promise<void> };
await run(args);
