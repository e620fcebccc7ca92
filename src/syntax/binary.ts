import type { Binary, BinaryOperator, Expression } from './ast.ts';
import type { SyntaxCode } from './codes.ts';
import type { Report } from './diagnostic.ts';
import { equal } from './equality.ts';
import { fitsInteger } from './number-literal.ts';
import { Secret } from './secret.ts';
import { excerptOf, type Span } from './source.ts';
import { invalid, kindOf, Unresolved, unresolvedIn, type Value } from './value.ts';

/** Computes `left operator right`. `&&` and `||` do not look at the right side once the left decides. */
export function evaluateBinary(node: Binary, evaluate: (operand: Expression) => Value, report: Report): Value {
  const { operator } = node;
  const fail = (code: SyntaxCode, message: string, span: Span): Value => {
    report({ severity: 'error', code, message, span });
    return invalid;
  };
  const wrongKind = (operand: Expression, value: Value, kinds: string): Value =>
    fail(
      'value/type',
      `${excerptOf(operand.span)} should be one of ${kinds} for binop ${operator}, got ${kindOf(value)}`,
      operand.span,
    );

  const left = evaluate(node.left);
  if (operator === '&&' || operator === '||') {
    if (left instanceof Unresolved) return left;
    if (typeof left !== 'boolean') return wrongKind(node.left, left, '[bool]');
    if (left === (operator === '||')) return left;
    const right = evaluate(node.right);
    if (right instanceof Unresolved || typeof right === 'boolean') return right;
    return wrongKind(node.right, right, '[bool]');
  }

  const right = evaluate(node.right);
  if (left instanceof Unresolved) return left;
  if (right instanceof Unresolved) return right;
  if (operator === '==' || operator === '!=') {
    return unresolvedIn(left) ?? unresolvedIn(right) ?? equal(left, right) === (operator === '==');
  }

  if (isNumber(left) && isNumber(right)) {
    const result =
      typeof left === 'bigint' && typeof right === 'bigint'
        ? integers(operator, left, right)
        : floats(operator, Number(left), Number(right));
    if (result === divisionByZero) return fail('value/division-by-zero', 'divide by zero error', node.right.span);
    if (result === overflow)
      return fail('value/overflow', `${excerptOf(node.span)} does not fit into 64 bits`, node.span);
    return result;
  }
  if (typeof left === 'string' && typeof right === 'string') {
    if (operator === '+') return left + right;
    if (isComparison(operator)) return compare(operator, compareBytes(left, right), 0);
  }
  if (operator === '+' && isText(left) && isText(right)) return concatenateSecrets(left, right);

  const allowed =
    operator === '+' ? '[number string capsule]' : isComparison(operator) ? '[number string]' : '[number]';
  const isAllowed = (value: Value): boolean => allowed.slice(1, -1).split(' ').includes(kindOf(value));
  if (!isAllowed(left)) return wrongKind(node.left, left, allowed);
  if (!isAllowed(right)) return wrongKind(node.right, right, allowed);
  if (kindOf(left) !== kindOf(right)) {
    const message = `${excerptOf(node.right.span)} should be ${kindOf(left)}, got ${kindOf(right)}`;
    return fail('value/type', message, node.right.span);
  }
  const message = `could not perform binop ${operator} for unknown types lhs ${kindOf(left)} rhs ${kindOf(right)}`;
  return fail('value/type', message, node.span);
}

type Comparison = '<' | '<=' | '>' | '>=';

function isComparison(operator: BinaryOperator): operator is Comparison {
  return operator === '<' || operator === '<=' || operator === '>' || operator === '>=';
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

function isText(value: Value): value is string | Secret {
  return typeof value === 'string' || value instanceof Secret;
}

/** What a secret becomes part of is secret; it may become an ordinary string only if all of its secrets may. */
function concatenateSecrets(left: string | Secret, right: string | Secret): Secret {
  const secrets = [left, right].filter((part) => part instanceof Secret);
  const [first, second] = [left, right].map((part) => (part instanceof Secret ? part.reveal() : part));
  return new Secret(
    `${first}${second}`,
    secrets.every((secret) => secret.isConvertible),
  );
}

function compare(operator: Comparison, a: number | bigint, b: number | bigint): boolean {
  switch (operator) {
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    default:
      return a >= b;
  }
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

const divisionByZero = Symbol('division by zero');
const overflow = Symbol('overflow');
type NumberResult = number | bigint | boolean | typeof divisionByZero | typeof overflow;

function integers(operator: BinaryOperator, a: bigint, b: bigint): NumberResult {
  if (isComparison(operator)) return compare(operator, a, b);
  if ((operator === '/' || operator === '%') && b === 0n) return divisionByZero;
  // A negative exponent leaves the base as it is, in Alloy and therefore here.
  if (operator === '^' && b < 0n) return a;
  if (operator === '^' && b > 64n && a !== 0n && a !== 1n && a !== -1n) return overflow;
  const result = integerResult(operator, a, b);
  return fitsInteger(result) ? result : overflow;
}

function integerResult(operator: BinaryOperator, a: bigint, b: bigint): bigint {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    default:
      return a ** b;
  }
}

function floats(operator: BinaryOperator, a: number, b: number): NumberResult {
  if (isComparison(operator)) return compare(operator, a, b);
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0 ? divisionByZero : a / b;
    case '%':
      return b === 0 ? divisionByZero : a % b;
    default:
      return a ** b;
  }
}
