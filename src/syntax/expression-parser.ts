import { stringValue } from '../base/go-string-literal.ts';
import type {
  Access,
  BinaryOperator,
  Call,
  Expression,
  Index,
  NumberLiteral,
  ObjectField,
  UnaryOperator,
} from './ast.ts';
import { integerValue } from './number-literal.ts';
import { cover } from './source.ts';
import type { TokenStream } from './token-stream.ts';
import type { TokenKind } from './token.ts';

/** Binary operators from the loosest to the tightest. */
const precedence: Partial<Record<TokenKind, number>> = {
  '||': 1,
  '&&': 2,
  '==': 3, '!=': 3, '<': 3, '<=': 3, '>': 3, '>=': 3,
  '+': 4, '-': 4,
  '*': 5, '/': 5, '%': 5,
  '^': 6,
}; // prettier-ignore

/** Reads one expression; reports and skips to where the next may begin if there is none. */
export function parseExpression(stream: TokenStream): Expression | undefined {
  return stream.nested(() => parseBinary(stream, 1));
}

// Binary = Unary { operator Unary }, by precedence; only "^" associates to the right.
function parseBinary(stream: TokenStream, lowest: number): Expression | undefined {
  let left = parseUnary(stream);
  while (left !== undefined) {
    const level = precedence[stream.kind];
    if (level === undefined || level < lowest) return left;
    const operator = stream.kind as BinaryOperator;
    stream.next();
    const right = stream.nested(() => parseBinary(stream, operator === '^' ? level : level + 1));
    if (right === undefined) return undefined;
    left = { kind: 'binary', operator, left, right, span: cover(left.span, right.span) };
  }
  return left;
}

// Unary = ( "!" | "-" ) Unary | Postfix
function parseUnary(stream: TokenStream): Expression | undefined {
  if (!stream.is('!') && !stream.is('-')) return parsePostfix(stream);
  const operator = stream.kind as UnaryOperator;
  const start = stream.token.start;
  stream.next();
  const operand = stream.nested(() => parseUnary(stream));
  return operand && { kind: 'unary', operator, operand, span: stream.spanFrom(start) };
}

// Postfix = Primary { "." IDENT | "[" Expression "]" | "(" [ ExpressionList ] ")" }
function parsePostfix(stream: TokenStream): Expression | undefined {
  let value = parsePrimary(stream);
  while (value !== undefined) {
    const start = value.span.start;
    if (stream.is('.')) {
      stream.next();
      const nameSpan = stream.span;
      const name = stream.text;
      if (!stream.expect('IDENT')) return undefined;
      value = { kind: 'access', object: value, name, nameSpan, span: stream.spanFrom(start) } satisfies Access;
    } else if (stream.is('[')) {
      stream.next();
      const index = parseExpression(stream);
      if (!stream.expect(']') || index === undefined) return undefined;
      value = { kind: 'index', object: value, index, span: stream.spanFrom(start) } satisfies Index;
    } else if (stream.is('(')) {
      stream.next();
      const args = parseList(stream, ')');
      if (!stream.expect(')')) return undefined;
      value = { kind: 'call', callee: value, args, span: stream.spanFrom(start) } satisfies Call;
    } else if (isName(value) && (stream.is('{') || (stream.is('STRING') && stream.isBefore('{')))) {
      stream.take('STRING');
      skipBlock(stream);
      stream.fail('syntax/block-as-value', 'cannot use a block as an expression', stream.spanFrom(start));
      return undefined;
    } else {
      return value;
    }
  }
  return value;
}

function isName(expression: Expression): boolean {
  return expression.kind === 'identifier' || expression.kind === 'access';
}

/** Skips from `{` to after the brace that closes it. */
function skipBlock(stream: TokenStream): void {
  for (let open = 0; !stream.is('EOF');) {
    if (stream.is('{')) open++;
    else if (stream.is('}')) open--;
    stream.next();
    if (open === 0) return;
  }
}

// Primary = IDENT | literal | "(" Expression ")" | "[" [ ExpressionList ] "]" | "{" [ FieldList ] "}"
function parsePrimary(stream: TokenStream): Expression | undefined {
  const { kind, text, span } = stream;
  switch (kind) {
    case 'IDENT':
      stream.next();
      return { kind: 'identifier', name: text, span };
    case 'STRING':
      stream.next();
      return { kind: 'string', value: stringValue(text).value, span };
    case 'NUMBER':
    case 'FLOAT':
      return parseNumber(stream);
    case 'BOOL':
      stream.next();
      return { kind: 'bool', value: text === 'true', span };
    case 'NULL':
      stream.next();
      return { kind: 'null', span };
    case '(': {
      stream.next();
      const inner = parseExpression(stream);
      if (!stream.expect(')') || inner === undefined) return undefined;
      return { kind: 'parenthesized', inner, span: stream.spanFrom(span.start) };
    }
    case '[': {
      stream.next();
      const elements = parseList(stream, ']');
      if (!stream.expect(']')) return undefined;
      return { kind: 'array', elements, span: stream.spanFrom(span.start) };
    }
    case '{': {
      stream.next();
      const fields = parseFields(stream);
      if (!stream.expect('}')) return undefined;
      return { kind: 'object', fields, span: stream.spanFrom(span.start) };
    }
    default:
      stream.unexpected('expected expression', 'syntax/expected-expression');
      stream.skipTo('TERMINATOR', ')', '}', ']', ',');
      return undefined;
  }
}

function parseNumber(stream: TokenStream): NumberLiteral {
  const { kind, text, span } = stream;
  stream.next();
  const value = kind === 'NUMBER' ? integerValue(text) : Number(text);
  if (value === Infinity) stream.fail('syntax/number', 'number is too large', span);
  else if (kind === 'NUMBER' && Number(text) !== Number(value)) {
    stream.warn('syntax/octal-number', `${text} is octal and means ${value}`, span);
  }
  return { kind: 'number', value, span };
}

// ExpressionList = Expression { "," Expression } [ "," ]
function parseList(stream: TokenStream, close: ')' | ']'): Expression[] {
  const elements: Expression[] = [];
  while (!stream.is(close) && !stream.is('EOF')) {
    const element = parseExpression(stream);
    if (element !== undefined) elements.push(element);
    if (stream.take(',') || stream.is(close)) continue;
    missingComma(stream, 'expression');
    const canGoOn = element !== undefined && (stream.take('TERMINATOR') || beginsOperand(stream.kind));
    if (!canGoOn) break;
  }
  return elements;
}

// FieldList = Field { "," Field } [ "," ]
function parseFields(stream: TokenStream): ObjectField[] {
  const fields: ObjectField[] = [];
  while (!stream.is('}') && !stream.is('EOF')) {
    const nameSpan = stream.span;
    if (!stream.is('IDENT') && !stream.is('STRING')) {
      stream.unexpected('expected field name (string or identifier)');
      skipField(stream);
      continue;
    }
    const name = stream.is('STRING') ? quotedName(stream) : stream.text;
    stream.next();
    if (!stream.expect('=')) {
      skipField(stream);
      continue;
    }
    const value = parseExpression(stream);
    if (value !== undefined) fields.push({ name, nameSpan, value });
    if (stream.take(',') || stream.is('}')) continue;
    missingComma(stream, 'field');
    if (!stream.is('IDENT') && !stream.is('STRING')) skipField(stream);
  }
  return fields;
}

/** Skips what cannot be a field, with the comma or line break that ends it. */
function skipField(stream: TokenStream): void {
  stream.skipStatement(',');
  if (!stream.take(',')) stream.take('TERMINATOR');
}

/** Tokens with which another element can only begin where a comma is missing. */
function beginsOperand(kind: TokenKind): boolean {
  return ['IDENT', 'STRING', 'NUMBER', 'FLOAT', 'BOOL', 'NULL', '{'].includes(kind);
}

/** The name in a quoted object key. Alloy keeps escapes there as they are written, hence the warning. */
function quotedName(stream: TokenStream): string {
  const { value } = stringValue(stream.text);
  if (stream.text.startsWith('"') && value !== stream.text.slice(1, -1)) {
    stream.warn(
      'syntax/escaped-key',
      'escapes in object keys are read here, and kept as written by Alloy',
      stream.span,
    );
  }
  return value;
}

function missingComma(stream: TokenStream, list: 'field' | 'expression'): void {
  const hint = stream.is('TERMINATOR') ? 'end the line with a comma' : undefined;
  stream.failHere('syntax/missing-comma', `missing ',' in ${list} list`, hint);
}
