import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import type { Collector } from '../collector.ts';
import { gauge } from '../family.ts';
import { ifPresent, linesOf, readProc, wantNumber, wordsOf } from '../read-file.ts';
import type { Samples } from '../samples.ts';

const inUse = gauge('sockstat_sockets_used', 'Sockets in use.');
const fields = new Set(['inuse', 'orphan', 'tw', 'alloc', 'mem', 'memory']);

export const sockstat: Collector = {
  name: 'sockstat',
  doc: 'How many sockets there are, and the memory they take.',
  open({ paths }) {
    let bytesOfPage: number | undefined;
    return async (samples) => {
      bytesOfPage ??= await pageSize();
      const v6 = await ifPresent(readProc(paths.proc('net/sockstat6')));
      addProtocols(samples, await readProc(paths.proc('net/sockstat')), bytesOfPage);
      addProtocols(samples, v6 ?? '', bytesOfPage);
    };
  },
};

/** Lines such as `TCP: inuse 4 orphan 0`. */
function addProtocols(samples: Samples, text: string, bytesOfPage: number): void {
  for (const line of linesOf(text)) {
    const [first = '', ...pairs] = wordsOf(line);
    const protocol = first.replace(/:$/, '');
    if (!/^\w+$/.test(protocol)) throw new Error(`want a protocol, got ${JSON.stringify(line)}`);
    for (let index = 0; index + 1 < pairs.length; index += 2) {
      const name = pairs[index] ?? '';
      const value = wantNumber(pairs[index + 1]);
      if (protocol === 'sockets' && name === 'used') samples.add(inUse, value);
      if (!fields.has(name) || protocol === 'sockets') continue;
      samples.add(gauge(`sockstat_${protocol}_${name}`, `The field ${name} of ${protocol} sockets.`), value);
      if (name !== 'mem') continue;
      const help = `The field mem of ${protocol} sockets in bytes.`;
      samples.add(gauge(`sockstat_${protocol}_mem_bytes`, help), value * bytesOfPage);
    }
  }
}

const usualPageSize = 4096;
/** The kind of the entry with the size of pages in what the kernel tells each process when it starts. */
const pageSizeKind = 6n;

/** The bytes of a page of memory on this machine. */
async function pageSize(): Promise<number> {
  const auxiliary = (await ifPresent(readFile('/proc/self/auxv'))) ?? Buffer.alloc(0);
  const isLittle = endianness() === 'LE';
  const number = (at: number): bigint => (isLittle ? auxiliary.readBigUInt64LE(at) : auxiliary.readBigUInt64BE(at));
  for (let at = 0; at + 16 <= auxiliary.length; at += 16)
    if (number(at) === pageSizeKind) return Number(number(at + 8));
  return usualPageSize;
}
