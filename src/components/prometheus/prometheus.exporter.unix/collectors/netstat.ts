import type { Collector } from '../collector.ts';
import { untyped, type Family } from '../family.ts';
import { linesOf, wantNumber, wantNumberAt, wordsOf } from '../words.ts';
import { inOnePiece } from '../host-files.ts';
import { KeyedLines } from '../keyed-lines.ts';

type Value = readonly [family: Family, value: string | undefined];

/** A line of names, and the columns of it that are wanted. */
interface Names {
  readonly line: string;
  /** The first word, with the colon. */
  readonly protocol: string;
  readonly count: number;
  readonly wanted: readonly (readonly [column: number, family: Family])[];
}

export const netstat: Collector = {
  name: 'netstat',
  doc: 'Statistics of network protocols.',
  open({ paths, files, args }) {
    const familyOf = (protocol: string, name: string): Family | undefined => {
      const key = `${protocol}_${name}`;
      if (!args.netstat.fields.test(key) || !/^\w+$/.test(key)) return undefined;
      return untyped(`netstat_${key}`, `The field ${name} of the protocol ${protocol}.`);
    };
    const paired = ['net/netstat', 'net/snmp'].map((file) => ({
      file: paths.proc(file),
      lines: new PairedLines(familyOf),
    }));
    const six = paths.proc('net/snmp6');
    // The protocol ends in a 6, and the field is in the same word.
    const sixLines = new KeyedLines((key) => {
      const end = key.indexOf('6') + 1;
      return end === 0 ? undefined : familyOf(key.slice(0, end), key.slice(end));
    });
    return (samples) => {
      const texts = paired.map(({ file }) => files.text(file, inOnePiece));
      for (const [index, { lines }] of paired.entries())
        for (const [family, value] of lines.read(texts[index] ?? '')) samples.add(family, wantNumber(value));
      sixLines.read(files.textIfAny(six, inOnePiece) ?? '', (family, text, start, end) => {
        if (text.slice(start, end).trim() !== '') samples.add(family, wantNumberAt(text, start, end));
      });
    };
  },
};

/** Reads lines in pairs: one with the names of the fields, one with the values, both after the protocol and a colon. */
class PairedLines {
  readonly #familyOf: (protocol: string, name: string) => Family | undefined;
  /** By the number of the pair. Names rarely change. */
  #known: readonly Names[] = [];

  constructor(familyOf: (protocol: string, name: string) => Family | undefined) {
    this.#familyOf = familyOf;
  }

  read(text: string): readonly Value[] {
    const lines = linesOf(text);
    const known: Names[] = [];
    const found: Value[] = [];
    for (let at = 0; at < lines.length; at += 2) {
      const line = lines[at] ?? '';
      const values = wordsOf(lines[at + 1] ?? '');
      const before = this.#known[known.length];
      const names = before?.line === line ? before : this.#namesIn(line);
      known.push(names);
      if (values[0] !== names.protocol || values.length !== names.count)
        throw new Error(`want as many values as names of ${JSON.stringify(names.protocol)}`);
      for (const [column, family] of names.wanted) found.push([family, values[column]]);
    }
    this.#known = known;
    return found;
  }

  #namesIn(line: string): Names {
    const words = wordsOf(line);
    const [protocol = ''] = words;
    const shown = protocol.replace(/:$/, '');
    const wanted = words.flatMap((name, column) => {
      const family = column === 0 ? undefined : this.#familyOf(shown, name);
      return family === undefined ? [] : [[column, family] as const];
    });
    return { line, protocol, count: words.length, wanted };
  }
}
