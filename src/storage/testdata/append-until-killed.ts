import { DurableQueue } from '../durable-queue.ts';

/* Appends records to a queue, several at a time, and prints the name of each when it is durable. */
const [directory = '', round = ''] = process.argv.slice(2);
const queue = await DurableQueue.open({
  directory,
  maxBytes: 100_000_000,
  whenFull: 'refuse',
  report(problem, error) {
    throw new Error(problem, { cause: error });
  },
});

async function append(writer: number): Promise<void> {
  for (let index = 0; ; index++) {
    const name = `${round}-${writer}-${index}`;
    await queue.append(Buffer.from(`${name} ${'x'.repeat(index % 5000)}`));
    process.stdout.write(`${name}\n`);
  }
}

await Promise.all([1, 2, 3, 4].map(append));
