import { text } from '../parameter.ts';
import { fixed, type FunctionTable } from '../template-function.ts';
import { GoObject, Integer, type Value } from '../value.ts';
import { refuse } from '../work.ts';

export const semver: FunctionTable = {
  semver: fixed([text], (s) => parseVersion(s)),
  semverCompare: fixed([text, text], (constraint, s) => satisfies(parseVersion(s), constraint)),
};

class Version extends GoObject {
  readonly type = '*semver.Version';
  readonly kind = 'ptr';
  readonly original: string;
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: string;
  readonly metadata: string;

  constructor(original: string, numbers: readonly [bigint, bigint, bigint], prerelease: string, metadata: string) {
    super();
    this.original = original;
    this.numbers = numbers;
    this.prerelease = prerelease;
    this.metadata = metadata;
  }

  override toString(): string {
    const prerelease = this.prerelease === '' ? '' : `-${this.prerelease}`;
    return this.numbers.join('.') + prerelease + (this.metadata === '' ? '' : `+${this.metadata}`);
  }

  override toJson(): string {
    return JSON.stringify(this.toString());
  }

  override method(name: string): ((...args: readonly Value[]) => Value) | undefined {
    const uint64 = (index: 0 | 1 | 2) => () => new Integer('uint64', this.numbers[index]);
    switch (name) {
      case 'Major':
        return uint64(0);
      case 'Minor':
        return uint64(1);
      case 'Patch':
        return uint64(2);
      case 'Prerelease':
        return () => this.prerelease;
      case 'Metadata':
        return () => this.metadata;
      case 'Original':
        return () => this.original;
      case 'String':
        return () => this.toString();
      case 'Compare':
        return (other) => {
          if (!(other instanceof Version)) return refuse('wrong arguments; expected *semver.Version');
          return new Integer('int', BigInt(compare(this, other)));
        };
      default:
        return undefined;
    }
  }
}

const versionPattern =
  /^v?(\d{1,19})(?:\.(\d{1,19}))?(?:\.(\d{1,19}))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

function parseVersion(s: string): Version {
  const match = versionPattern.exec(s);
  if (match === null) return refuse('Invalid Semantic Version');
  const [, major = '0', minor = '0', patch = '0', prerelease = '', metadata = ''] = match;
  return new Version(s, [BigInt(major), BigInt(minor), BigInt(patch)], prerelease, metadata);
}

function compare(a: Version, b: Version): number {
  for (const [index, number] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (a.prerelease === b.prerelease) return 0;
  if (a.prerelease === '' || b.prerelease === '') return a.prerelease === '' ? 1 : -1;
  const parts = a.prerelease.split('.');
  const others = b.prerelease.split('.');
  for (const [index, part] of parts.entries()) {
    const difference = comparePart(part, others[index]);
    if (difference !== 0) return difference;
  }
  return parts.length < others.length ? -1 : 0;
}

/** Numbers come before other identifiers. */
function comparePart(a: string, b: string | undefined): number {
  if (a === b) return 0;
  if (b === undefined) return 1;
  const isNumber = /^\d+$/.test(a);
  if (isNumber !== /^\d+$/.test(b)) return isNumber ? -1 : 1;
  if (isNumber) return BigInt(a) < BigInt(b) ? -1 : 1;
  return a < b ? -1 : 1;
}

/** One condition: an operator and a version whose last parts may be missing or a wildcard. */
interface Condition {
  readonly operator: string;
  readonly version: Version;
  /** How many of the three numbers are given. */
  readonly given: number;
}

const conditionPattern =
  /\s*(=>|>=|=<|<=|~>|!=|=|>|<|~|\^)?\s*(v?(?:[0-9]{1,19}|[xX*])(?:\.(?:[0-9]{1,19}|[xX*])){0,2}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)(?=\s|,|$)\s*,?/y;

/** Conditions with `||` between alternatives, and spaces or commas between those that must hold together. */
function satisfies(version: Version, constraint: string): boolean {
  const alternatives = constraint.split('||').map((part) => conditionsOf(part, constraint));
  return alternatives.some((conditions) => conditions.every((condition) => holds(condition, version)));
}

function conditionsOf(part: string, constraint: string): Condition[] {
  const ranges = part.replaceAll(/(\S+)\s+-\s+(\S+)/g, '>=$1 <=$2').trim();
  const conditions: Condition[] = [];
  conditionPattern.lastIndex = 0;
  while (conditionPattern.lastIndex < ranges.length || conditions.length === 0) {
    const match = conditionPattern.exec(ranges);
    if (match === null) return refuse(`improper constraint: ${constraint}`);
    conditions.push(conditionOf(match[1] ?? '', match[2] ?? ''));
  }
  return conditions;
}

function conditionOf(operator: string, s: string): Condition {
  const [numbers = '', ...suffixes] = s.split(/(?=[-+])/);
  const parts = numbers.replace('v', '').split('.');
  const wildcard = parts.findIndex((part) => /[xX*]/.test(part));
  const given = wildcard < 0 ? parts.length : wildcard;
  const suffix = wildcard < 0 ? suffixes.join('') : '';
  const filled = [...parts.slice(0, given), '0', '0', '0'].slice(0, 3).join('.');
  return { operator, version: parseVersion(filled + suffix), given };
}

function holds({ operator, version: wanted, given }: Condition, version: Version): boolean {
  // Versions before a release are only meant where the condition names one.
  if (version.prerelease !== '' && wanted.prerelease === '') return false;
  const difference = compare(version, wanted);
  const [major, minor] = wanted.numbers;
  const isSame = (count: number): boolean => wanted.numbers.slice(0, count).every((n, at) => version.numbers[at] === n);
  switch (operator) {
    case '':
    case '=':
      return given === 3 ? difference === 0 : isSame(given);
    case '!=':
      return given === 3 ? difference !== 0 : !isSame(given);
    case '>':
      return given === 3 ? difference > 0 : difference > 0 && !isSame(given);
    case '>=':
    case '=>':
      return difference >= 0;
    case '<':
      return difference < 0;
    case '<=':
    case '=<':
      return given === 3 ? difference <= 0 : difference < 0 || isSame(given);
    case '^': {
      if (difference < 0) return false;
      if (given === 0) return true;
      if (major > 0n || given === 1) return isSame(1);
      if (minor > 0n || given === 2) return isSame(2);
      return isSame(3);
    }
    default:
      return difference >= 0 && isSame(Math.min(given, 2));
  }
}
