import { perUnitNames, unitNames } from './unit-names.ts';

/** What of an OTLP metric its name in Prometheus is made of. */
export interface NamedMetric {
  readonly name: string;
  readonly unit: string;
  readonly isCounter: boolean;
  readonly isGauge: boolean;
}

const otherThanLettersAndDigits = /[^\p{L}\p{Nd}]+/u;
const otherThanNames = /[^\p{L}\p{Nd}_:]+/u;
const leadingDigit = /^\p{Nd}/u;

/** The name with the unit and the type at its end; empty if there is nothing in the name that could be in one. */
export function nameWithSuffixes({ name, unit, isCounter, isGauge }: NamedMetric): string {
  let tokens = tokensOf(name, otherThanLettersAndDigits);
  const [main = '', per = ''] = splitUnit(unit);
  const mainName = unitName(main, unitNames);
  if (mainName !== '' && !tokens.includes(mainName)) tokens.push(mainName);
  const perName = unitName(per, perUnitNames);
  if (perName !== '' && !tokens.includes(perName)) tokens.push('per', perName);
  if (isCounter) tokens = [...tokens.filter((token) => token !== 'total'), 'total'];
  if (isGauge && unit === '1') tokens = [...tokens.filter((token) => token !== 'ratio'), 'ratio'];
  return notWithDigit(tokens.join('_'));
}

/** The name with nothing in it that Prometheus did not have in names for long. */
export function nameWithoutSuffixes(name: string): string {
  return notWithDigit(tokensOf(name, otherThanNames).join('_'));
}

/** The name of a label for an attribute. */
export function labelName(key: string): string {
  const name = key.replaceAll(/[^\p{L}\p{Nd}]/gu, '_');
  if (leadingDigit.test(name)) return `key_${name}`;
  return name.startsWith('_') && !name.startsWith('__') ? `key${name}` : name;
}

function tokensOf(text: string, separators: RegExp): string[] {
  return text.split(separators).filter((token) => token !== '');
}

/** The part before the first slash, and the one behind it. */
function splitUnit(unit: string): readonly string[] {
  const slash = unit.indexOf('/');
  return slash < 0 ? [unit] : [unit.slice(0, slash), unit.slice(slash + 1)];
}

/** What a part of a unit is called; empty if it is only a remark. */
function unitName(part: string, names: ReadonlyMap<string, string>): string {
  const unit = part.trim();
  if (/[{}]/.test(unit)) return '';
  return tokensOf(names.get(unit) ?? unit, otherThanLettersAndDigits).join('_');
}

function notWithDigit(name: string): string {
  return leadingDigit.test(name) ? `_${name}` : name;
}
