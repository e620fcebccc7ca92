import type { Comment } from './lexer.ts';
import type { Source, Span } from './source.ts';

/** A parsed file: its statements, and the comments the formatter puts back. */
export interface File {
  readonly source: Source;
  readonly body: Body;
  readonly comments: readonly Comment[];
}

export interface Body {
  readonly statements: readonly Statement[];
  readonly span: Span;
}

export type Statement = Attribute | Block;

/** `name = value` */
export interface Attribute {
  readonly kind: 'attribute';
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: Expression;
  readonly span: Span;
}

/** `some.name "label" { ... }` */
export interface Block {
  readonly kind: 'block';
  /** The dotted name in one string. */
  readonly name: string;
  readonly nameSpan: Span;
  /** Without its quotes; absent where there is none or it is empty. */
  readonly label?: string | undefined;
  readonly labelSpan?: Span | undefined;
  /** From `{` to `}`. */
  readonly body: Body;
  readonly span: Span;
}

export type Expression =
  | NumberLiteral
  | StringLiteral
  | BoolLiteral
  | NullLiteral
  | ArrayExpression
  | ObjectExpression
  | Identifier
  | Access
  | Index
  | Call
  | Unary
  | Binary
  | Parenthesized;

export interface NumberLiteral {
  readonly kind: 'number';
  /** Integers are bigint, everything else is float64. */
  readonly value: bigint | number;
  readonly span: Span;
}

export interface StringLiteral {
  readonly kind: 'string';
  readonly value: string;
  readonly span: Span;
}

export interface BoolLiteral {
  readonly kind: 'bool';
  readonly value: boolean;
  readonly span: Span;
}

export interface NullLiteral {
  readonly kind: 'null';
  readonly span: Span;
}

export interface ArrayExpression {
  readonly kind: 'array';
  readonly elements: readonly Expression[];
  readonly span: Span;
}

export interface ObjectExpression {
  readonly kind: 'object';
  readonly fields: readonly ObjectField[];
  readonly span: Span;
}

export interface ObjectField {
  readonly name: string;
  readonly nameSpan: Span;
  readonly value: Expression;
}

export interface Identifier {
  readonly kind: 'identifier';
  readonly name: string;
  readonly span: Span;
}

/** `object.name` */
export interface Access {
  readonly kind: 'access';
  readonly object: Expression;
  readonly name: string;
  readonly nameSpan: Span;
  readonly span: Span;
}

/** `object[index]` */
export interface Index {
  readonly kind: 'index';
  readonly object: Expression;
  readonly index: Expression;
  readonly span: Span;
}

export interface Call {
  readonly kind: 'call';
  readonly callee: Expression;
  readonly args: readonly Expression[];
  readonly span: Span;
}

export type UnaryOperator = '!' | '-';

export interface Unary {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Expression;
  readonly span: Span;
}

export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-' | '*' | '/' | '%' | '^';

export interface Binary {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly span: Span;
}

export interface Parenthesized {
  readonly kind: 'parenthesized';
  readonly inner: Expression;
  readonly span: Span;
}

/** Whether an expression has more levels than a limit. It does not recurse, since others do up to that limit. */
export function isHigherThan(expression: Expression, limit: number): boolean {
  let level: readonly Expression[] = [expression];
  for (let height = 0; level.length > 0; height++) {
    if (height === limit) return true;
    level = level.flatMap(childrenOf);
  }
  return false;
}

/** The direct sub-expressions, in source order. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'array':
      return expression.elements;
    case 'object':
      return expression.fields.map((field) => field.value);
    case 'access':
      return [expression.object];
    case 'index':
      return [expression.object, expression.index];
    case 'call':
      return [expression.callee, ...expression.args];
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    case 'parenthesized':
      return [expression.inner];
    default:
      return [];
  }
}
