import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from '../syntax/parser.ts';
import { spanText } from '../syntax/source.ts';

const seedPipeline = path.join(import.meta.dirname, '../../examples/seed-pipeline.alloy');

/** The text of a block of the seed pipeline, as it is. */
export async function seedBlock(name: string, label: string): Promise<string> {
  const source = { name: seedPipeline, text: await readFile(seedPipeline, 'utf8') };
  const found = parse(source).file.body.statements.find(
    (block) => block.kind === 'block' && block.label === label && block.name === name,
  );
  if (found === undefined) throw new Error(`${seedPipeline} has no ${name} "${label}"`);
  return spanText(found.span);
}
