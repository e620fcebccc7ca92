import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { criLine, podLogBody, seededRandom } from './log-corpus.ts';

/*
 * Writes pod logs at a steady rate: a folder, the number of files, lines a second for each, and seconds. Each file gets
 * its lines ten times a second. Tells the parent how many it wrote, and ends.
 */
const [folder = '', files = '1', rate = '1', seconds = '1'] = process.argv.slice(2);
const perTick = Number(rate) / 10;
const random = seededRandom(1);
let written = 0;
mkdirSync(folder, { recursive: true });

const ticks = Number(seconds) * 10;
let tick = 0;
const timer = setInterval(() => {
  for (let file = 0; file < Number(files); file++) {
    const lines = Array.from({ length: perTick }, () => `${criLine(random, written++, podLogBody(random))}\n`);
    appendFileSync(path.join(folder, `${file}.log`), lines.join(''));
  }
  if (++tick < ticks) return;
  clearInterval(timer);
  process.send?.({ written });
  process.disconnect?.();
}, 100);
