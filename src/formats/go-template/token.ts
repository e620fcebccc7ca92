export type Keyword = 'block' | 'break' | 'continue' | 'define' | 'else' | 'end' | 'if' | 'nil' | 'range' | 'template' | 'with'; // prettier-ignore

export type TokenKind =
  | Keyword
  | 'text'
  | 'left-delimiter'
  | 'right-delimiter'
  | 'space'
  | 'dot'
  | 'field'
  | 'variable'
  | 'identifier'
  | 'bool'
  | 'number'
  | 'character'
  | 'string'
  | 'assign'
  | 'declare'
  | 'pipe'
  | 'comma'
  | 'left-paren'
  | 'right-paren'
  | 'other'
  | 'error'
  | 'end-of-text';

export interface Token {
  readonly kind: TokenKind;
  /** As it is written; of an error, the message. */
  readonly text: string;
  /** The offset in the template. */
  readonly start: number;
}

export const keywords: ReadonlySet<string> = new Set<Keyword>(['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'nil', 'range', 'template', 'with']); // prettier-ignore

/** The line that an offset is in, and the offset in that line. */
export function lineAt(text: string, offset: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1)) };
}
