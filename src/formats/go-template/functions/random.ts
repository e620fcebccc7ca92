import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { integer, text, type Parameter } from '../parameter.ts';
import { fixed, type FunctionTable, type TemplateFunction } from '../template-function.ts';
import type { Integer } from '../value.ts';
import { refuse, spend, unit } from '../work.ts';

const digits = '0123456789';
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => 32 + index));

const count: readonly [Parameter<Integer>] = [integer];

export const random: FunctionTable = {
  randAlpha: randomText(letters),
  randAlphaNum: randomText(letters + digits),
  randNumeric: randomText(digits),
  randAscii: randomText(printable),
  randBytes: fixed(count, ({ value }) => {
    if (value < 0n) refuse('runtime error: makeslice: len out of range');
    spend(2 * Number(value));
    return randomBytes(Number(value)).toString('base64');
  }),
  shuffle: fixed([text], (s) => {
    const characters = Array.from(s);
    spend(unit * characters.length);
    for (let last = characters.length - 1; last > 0; last--) {
      const other = randomInt(last + 1);
      [characters[last], characters[other]] = [characters[other] ?? '', characters[last] ?? ''];
    }
    return characters.join('');
  }),
  uuidv4: fixed([], () => randomUUID()),
};

function randomText(alphabet: string): TemplateFunction {
  return fixed(count, ({ value }) => {
    if (value <= 0n) return '';
    spend(unit * Number(value));
    return Array.from({ length: Number(value) }, () => alphabet[randomInt(alphabet.length)]).join('');
  });
}
