import { text } from '../parameter.ts';
import { fixed, type FunctionTable } from '../template-function.ts';
import { spend } from '../work.ts';
import { isSpace } from './trim.ts';

/** Functions that look at words and the case of letters. */
export const words: FunctionTable = {
  title: fixed([text], titled),
  untitle: fixed([text], (s) => mapFirstOfWords(s, lower)),
  initials: fixed([text], (s) => firstOfWords(charactersOf(s)).join('')),
  nospace: fixed([text], (s) => s.replaceAll(/\p{White_Space}/gu, '')),
  swapcase: fixed([text], swappedCase),
  camelcase: fixed([text], pascalCase),
  snakecase: fixed([text], (s) => separated(s, '_')),
  kebabcase: fixed([text], (s) => separated(s, '-')),
};

const isUpper = (character: string): boolean => /^\p{Lu}/u.test(character);
const isConnector = (character: string): boolean => character === '-' || character === '_' || isSpace(character);

/** One character in upper case, if that is one character. */
function upper(character: string): string {
  const mapped = character.toUpperCase();
  return Array.from(mapped).length === 1 ? mapped : character;
}

function lower(character: string): string {
  const mapped = character.toLowerCase();
  return Array.from(mapped).length === 1 ? mapped : character;
}

/** Going through text by characters takes longer than reading it. */
function charactersOf(s: string): string[] {
  spend(6 * s.length);
  return Array.from(s);
}

function titled(s: string): string {
  let isFirst = true;
  return charactersOf(s)
    .map((character) => {
      const changed = isFirst ? upper(character) : character;
      isFirst = !/^[\p{L}\p{Nd}_]$/u.test(character) && (character < '\x80' || isSpace(character));
      return changed;
    })
    .join('');
}

function mapFirstOfWords(s: string, map: (character: string) => string): string {
  let isFirst = true;
  return charactersOf(s)
    .map((character) => {
      if (isSpace(character)) {
        isFirst = true;
        return character;
      }
      const changed = isFirst ? map(character) : character;
      isFirst = false;
      return changed;
    })
    .join('');
}

function firstOfWords(characters: readonly string[]): string[] {
  return characters.filter(
    (character, index) => !isSpace(character) && (index === 0 || isSpace(characters[index - 1] ?? '')),
  );
}

/** Upper case becomes lower case and the other way round. */
function swappedCase(s: string): string {
  return charactersOf(s)
    .map((character) => {
      if (/^[\p{Lu}\p{Lt}]/u.test(character)) return lower(character);
      return /^\p{Ll}/u.test(character) ? upper(character) : character;
    })
    .join('');
}

/** `some_words` as `SomeWords`. Of words that begin with capitals, only the first one stays. */
function pascalCase(s: string): string {
  const characters = charactersOf(s);
  const start = characters.findIndex((character) => !isConnector(character));
  if (start < 0) return s;
  const first = characters[start] ?? '';
  let written = characters.slice(0, start).join('');
  let isFirstUpper = isUpper(first);
  let last = upper(first);
  for (const character of characters.slice(start + 1)) {
    const before = last;
    last = character;
    if (isConnector(character) && isConnector(before)) {
      written += before;
      continue;
    }
    if (isConnector(before)) {
      isFirstUpper = isUpper(character);
      last = upper(character);
      continue;
    }
    if (isFirstUpper && isUpper(character)) last = lower(character);
    else isFirstUpper = false;
    written += before;
  }
  return written + last;
}

/** A run of characters that belong together: digits, letters, connectors, punctuation, or something else. */
interface Word {
  readonly kind: 'number' | 'upper' | 'letters' | 'connector' | 'punctuation' | 'other';
  readonly text: string;
}

/** Letters of scripts without words do not count as letters. */
const letter = '(?:(?!\\p{Lu}|\\p{Script=Han}|\\p{Script=Hiragana}|\\p{Script=Katakana}|\\p{Script=Hangul})\\p{L})';
const wordPattern = new RegExp(
  [
    '(?<connector>[-_\\p{White_Space}]+)',
    '(?<punctuation>\\p{P}+)',
    // Of several capitals, the last one belongs to the letters after it.
    `(?<upper>\\p{Lu}+(?=\\p{Lu}${letter})|\\p{Lu}${letter}+|\\p{Lu}+)`,
    `(?<letters>${letter}+)`,
    '(?<number>\\p{N}+)',
    `(?<other>(?:(?![-_\\p{White_Space}\\p{P}\\p{Lu}\\p{N}]|${letter}).)+)`,
  ].join('|'),
  'gsu',
);

function wordsOf(s: string): Word[] {
  // Looking for words takes far longer than reading them.
  spend(20 * s.length);
  return Array.from(s.matchAll(wordPattern), ({ 0: found, groups = {} }) => {
    const kind = Object.keys(groups).find((name) => groups[name] !== undefined) as Word['kind'];
    return { kind, text: found };
  });
}

/** `SomeWords` as `some_words`. Numbers belong to the letters before them, unless small letters follow. */
function separated(s: string, connector: string): string {
  const all = wordsOf(s);
  let written = '';
  let at = 0;
  const kindAt = (index: number): Word['kind'] | undefined => all[index]?.kind;
  const write = (index: number): void => {
    const word = all[index];
    if (word === undefined) return;
    if (word.kind === 'connector') written += connector.repeat(Array.from(word.text).length);
    else written += word.kind === 'upper' ? Array.from(word.text, lower).join('') : word.text;
  };
  const isJoined = (index: number): boolean => kindAt(index) === 'letters' || kindAt(index) === 'number';
  const isSeparate = (index: number): boolean =>
    kindAt(index) !== undefined && kindAt(index) !== 'connector' && kindAt(index) !== 'punctuation';

  while (at < all.length - 1) {
    const kind = kindAt(at);
    write(at);
    at++;
    if (kind === 'number') {
      while (isJoined(at)) write(at++);
      if (isSeparate(at)) written += connector;
    } else if (kind !== 'connector' && kind !== 'punctuation') {
      if (kindAt(at) !== 'number') {
        if (isSeparate(at)) written += connector;
      } else if (at < all.length - 1) {
        if (kindAt(at + 1) === 'letters') {
          written += connector;
          while (isJoined(at)) write(at++);
        } else {
          write(at++);
        }
        if (isSeparate(at)) written += connector;
      }
    }
  }
  write(at);
  return written;
}
