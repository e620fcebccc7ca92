const space = /^\p{White_Space}$/u;

export function isSpace(character: string): boolean {
  const code = character.charCodeAt(0);
  return code < 0x80 ? code === 0x20 || (code >= 0x09 && code <= 0x0d) : space.test(character);
}

/** Without the white space at both ends. */
export function trimSpace(text: string): string {
  return trimWhere(text, isSpace, 'both');
}

/** Without the characters of a set at one end or both. */
export function trimCharacters(text: string, cutset: string, side: 'left' | 'right' | 'both'): string {
  const characters = new Set(cutset);
  return trimWhere(text, (character) => characters.has(character), side);
}

/** Goes from the ends inwards; a pattern with an end would look for it everywhere. */
function trimWhere(text: string, isCut: (character: string) => boolean, side: 'left' | 'right' | 'both'): string {
  const start = side === 'right' ? 0 : startOfRest(text, isCut);
  const end = side === 'left' ? text.length : endOfRest(text, start, isCut);
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function startOfRest(text: string, isCut: (character: string) => boolean): number {
  let start = 0;
  while (start < text.length) {
    const character = String.fromCodePoint(text.codePointAt(start) ?? 0);
    if (!isCut(character)) break;
    start += character.length;
  }
  return start;
}

function endOfRest(text: string, start: number, isCut: (character: string) => boolean): number {
  let end = text.length;
  while (end > start) {
    const isPair = end - start > 1 && (text.codePointAt(end - 2) ?? 0) > 0xffff;
    const character = text.slice(isPair ? end - 2 : end - 1, end);
    if (!isCut(character)) break;
    end -= character.length;
  }
  return end;
}
