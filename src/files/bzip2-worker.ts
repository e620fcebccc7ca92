import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';

/** What the thread answers: parts of the content, that a piece is done, or that nothing more will come. */
export type Bzip2Message = Uint8Array | 'done' | { readonly error: string };

/** The part of the stream of the library that is used; it does its work within `write` and `end`. */
interface Unbzip2 {
  on(event: 'data', listener: (part: Buffer) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  write(piece: Buffer): void;
  end(): void;
}

/** How many parts may wait to be taken. */
const maxUntaken = 2;

const require = createRequire(import.meta.url);
const createUnbzip2: () => Unbzip2 = require('unbzip2-stream');
const untaken: Int32Array = workerData;
const stream = createUnbzip2();

function answer(message: Bzip2Message): void {
  parentPort?.postMessage(message, []);
}

stream.on('data', (part) => {
  let count = Atomics.add(untaken, 0, 1) + 1;
  answer(part);
  while (count > maxUntaken) {
    Atomics.wait(untaken, 0, count);
    count = Atomics.load(untaken, 0);
  }
});

stream.on('error', (error) => {
  // Reading beyond the end is a TypeError in the library.
  answer({ error: error instanceof TypeError ? 'unexpected end of file' : error.message });
});

parentPort?.on('message', (piece: Uint8Array | null) => {
  if (piece === null) stream.end();
  else stream.write(Buffer.from(piece));
  answer('done');
});
