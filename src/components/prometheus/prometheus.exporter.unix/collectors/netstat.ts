import type { Collector } from '../collector.ts';
import { untyped } from '../family.ts';
import { ifPresent, linesOf, readProc, wantNumber, wordsOf } from '../read-file.ts';

type Field = readonly [protocol: string, name: string, value: string | undefined];

export const netstat: Collector = {
  name: 'netstat',
  doc: 'Statistics of network protocols.',
  open:
    ({ paths, args }) =>
    async (samples) => {
      const texts = await Promise.all([readProc(paths.proc('net/netstat')), readProc(paths.proc('net/snmp'))]);
      const snmp6 = (await ifPresent(readProc(paths.proc('net/snmp6')))) ?? '';
      for (const [protocol, name, value] of [...texts.flatMap(pairedLines), ...snmp6Lines(snmp6)]) {
        const key = `${protocol}_${name}`;
        if (!args.netstat.fields.test(key) || !/^\w+$/.test(key)) continue;
        samples.add(untyped(`netstat_${key}`, `The field ${name} of the protocol ${protocol}.`), wantNumber(value));
      }
    },
};

/** Lines in pairs: one with the names of the fields, one with the values, both after the protocol and a colon. */
function pairedLines(text: string): Field[] {
  const lines = linesOf(text).map(wordsOf);
  return lines.flatMap((names, index) => {
    const values = lines[index + 1] ?? [];
    if (index % 2 !== 0) return [];
    const [protocol = ''] = names;
    if (values[0] !== protocol || values.length !== names.length)
      throw new Error(`want as many values as names of ${JSON.stringify(protocol)}`);
    return names.slice(1).map((name, at): Field => [protocol.replace(/:$/, ''), name, values[at + 1]]);
  });
}

/** Lines with the protocol, which ends in a 6, and the field in one word. */
function snmp6Lines(text: string): Field[] {
  return linesOf(text).flatMap((line): Field[] => {
    const [name = '', value] = wordsOf(line);
    const end = name.indexOf('6') + 1;
    return end === 0 || value === undefined ? [] : [[name.slice(0, end), name.slice(end), value]];
  });
}
