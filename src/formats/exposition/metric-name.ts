/** How names that older software does not know are written for it. */
export type NameEscaping = 'underscores' | 'dots' | 'values' | 'allow-utf-8';

/** Whether a metric may have that name without the UTF-8 that later versions allow. */
export function isLegacyMetricName(name: string): boolean {
  return /^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name);
}

/** The same for labels. */
export function isLegacyLabelName(name: string): boolean {
  return /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);
}

/** Writes a name as a scheme wants it. It cannot be read back, but for `values`. */
export function escapeName(name: string, escaping: NameEscaping): string {
  if (name === '' || escaping === 'allow-utf-8') return name;
  if (escaping !== 'dots' && isLegacyMetricName(name)) return name;
  const escaped = Array.from(name, (character, index) => escapeCharacter(character, index === 0, escaping)).join('');
  return escaping === 'values' ? `U__${escaped}` : escaped;
}

function escapeCharacter(character: string, isFirst: boolean, escaping: NameEscaping): string {
  const isLegal = (isFirst ? /[a-zA-Z_:]/ : /[a-zA-Z0-9_:]/).test(character);
  if (escaping === 'underscores') return isLegal ? character : '_';
  if (character === '_') return '__';
  if (isLegal) return character;
  if (escaping === 'dots') return character === '.' ? '_dot_' : '__';
  // What is no text has been replaced by U+FFFD.
  if (character === '\ufffd' || !character.isWellFormed()) return '_FFFD_';
  return `_${(character.codePointAt(0) ?? 0).toString(16)}_`;
}
