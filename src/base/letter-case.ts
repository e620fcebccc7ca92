/** The text with every letter in lower case, as Go has it: `Σ` becomes `σ` also at the end of a word. */
export function lowerCase(text: string): string {
  return mapCase(text, (part) => part.toLowerCase());
}

/** The text with every letter in upper case, as Go has it: `ß` stays, as it has no upper case of one character. */
export function upperCase(text: string): string {
  return mapCase(text, (part) => part.toUpperCase());
}

/** Character by character, unless there is only ASCII, which has as many bytes as characters. */
function mapCase(text: string, map: (part: string) => string): string {
  if (Buffer.byteLength(text) === text.length) return map(text);
  return Array.from(text, (character) => {
    const mapped = map(character);
    return Array.from(mapped).length === 1 ? mapped : character;
  }).join('');
}
