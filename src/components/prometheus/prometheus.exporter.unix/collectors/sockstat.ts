import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { ifPresent } from '../absence.ts';
import type { Collector } from '../collector.ts';
import { gauge, type Family } from '../family.ts';
import { linesOf, wantNumber, wordsOf } from '../words.ts';
import type { Samples } from '../samples.ts';
import { inOnePiece } from '../host-files.ts';

const inUse = gauge('sockstat_sockets_used', 'Sockets in use.');
const fields = new Set(['inuse', 'orphan', 'tw', 'alloc', 'mem', 'memory']);

export const sockstat: Collector = {
  name: 'sockstat',
  doc: 'How many sockets there are, and the memory they take.',
  open({ paths, files }) {
    const [v4, v6] = [paths.proc('net/sockstat'), paths.proc('net/sockstat6')];
    const families = new SockstatFamilies();
    let bytesOfPage: number | undefined;
    return (samples) => {
      bytesOfPage ??= pageSize();
      addProtocols(samples, files.text(v4, inOnePiece), families, bytesOfPage);
      addProtocols(samples, files.textIfAny(v6, inOnePiece) ?? '', families, bytesOfPage);
    };
  },
};

/** The families by protocol and field, so that they are made once. */
class SockstatFamilies {
  readonly #known = new Map<string, Family>();

  of(protocol: string, field: string, what = `The field ${field} of ${protocol} sockets.`): Family {
    const name = `sockstat_${protocol}_${field}`;
    let family = this.#known.get(name);
    if (family === undefined) this.#known.set(name, (family = gauge(name, what)));
    return family;
  }
}

/** Lines such as `TCP: inuse 4 orphan 0`. */
function addProtocols(samples: Samples, text: string, families: SockstatFamilies, bytesOfPage: number): void {
  for (const line of linesOf(text)) {
    const [first = '', ...pairs] = wordsOf(line);
    const protocol = first.replace(/:$/, '');
    if (!/^\w+$/.test(protocol)) throw new Error(`want a protocol, got ${JSON.stringify(line)}`);
    for (let index = 0; index + 1 < pairs.length; index += 2) {
      const name = pairs[index] ?? '';
      const value = wantNumber(pairs[index + 1]);
      if (protocol === 'sockets' && name === 'used') samples.add(inUse, value);
      if (!fields.has(name) || protocol === 'sockets') continue;
      samples.add(families.of(protocol, name), value);
      if (name !== 'mem') continue;
      const what = `The field mem of ${protocol} sockets in bytes.`;
      samples.add(families.of(protocol, 'mem_bytes', what), value * bytesOfPage);
    }
  }
}

const usualPageSize = 4096;
/** The kind of the entry with the size of pages in what the kernel tells each process when it starts. */
const pageSizeKind = 6n;

/** The bytes of a page of memory on this machine. */
function pageSize(): number {
  const auxiliary = ifPresent(() => readFileSync('/proc/self/auxv')) ?? Buffer.alloc(0);
  const isLittle = endianness() === 'LE';
  const number = (at: number): bigint => (isLittle ? auxiliary.readBigUInt64LE(at) : auxiliary.readBigUInt64BE(at));
  for (let at = 0; at + 16 <= auxiliary.length; at += 16)
    if (number(at) === pageSizeKind) return Number(number(at + 8));
  return usualPageSize;
}
