/** Tokens by the name that error messages show for them. */
export type TokenKind =
  | 'ILLEGAL'
  | 'EOF'
  | 'TERMINATOR'
  | 'IDENT'
  | 'NUMBER'
  | 'FLOAT'
  | 'STRING'
  | 'BOOL'
  | 'NULL'
  | Operator;

export const operators = [
  '||', '&&', '==', '!=', '<=', '>=',
  '!', '=', '<', '>', '+', '-', '*', '/', '%', '^',
  '{', '}', '(', ')', '[', ']', ',', '.',
] as const; // prettier-ignore

export type Operator = (typeof operators)[number];

/** A token as offsets into its source. Its text is the source between them. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
}

const keywords: Readonly<Record<string, TokenKind>> = { true: 'BOOL', false: 'BOOL', null: 'NULL' };

export function identifierOrKeyword(text: string): TokenKind {
  return Object.hasOwn(keywords, text) ? (keywords[text] ?? 'IDENT') : 'IDENT';
}

const identifier = /^[\p{L}_][\p{L}\p{Nd}_]*$/u;

/** Whether a text can be a block label or an attribute name: an identifier that is no keyword. */
export function isIdentifier(text: string): boolean {
  return identifier.test(text) && identifierOrKeyword(text) === 'IDENT';
}

/** Tokens after which a line break ends the statement. An illegal one does too, so that what follows is still read. */
export function endsStatement(kind: TokenKind): boolean {
  switch (kind) {
    case 'ILLEGAL':
    case 'IDENT':
    case 'BOOL':
    case 'NULL':
    case 'NUMBER':
    case 'FLOAT':
    case 'STRING':
    case ')':
    case ']':
    case '}':
      return true;
    default:
      return false;
  }
}
