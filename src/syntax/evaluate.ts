import { didYouMean } from '../base/did-you-mean.ts';
import type { Access, Call, Expression, Identifier, Index, Unary } from './ast.ts';
import { evaluateBinary } from './binary.ts';
import type { SyntaxCode } from './codes.ts';
import { Mismatch } from './convert.ts';
import type { Report } from './diagnostic.ts';
import type { FunctionValue } from './function-value.ts';
import { fitsInteger } from './number-literal.ts';
import type { Scope } from './scope.ts';
import { holdsSecret, revealed, Secret } from './secret.ts';
import { excerptOf, type Span } from './source.ts';
import {
  asObject,
  Capsule,
  invalid,
  isArray,
  isObject,
  kindOf,
  Unresolved,
  unresolvedIn,
  type Value,
} from './value.ts';

/** What an evaluation needs: the names in scope, and where errors go. */
export interface Evaluation {
  readonly scope: Scope;
  readonly report: Report;
}

/** Computes an expression. Errors are reported and yield `invalid`; what follows from them is not reported again. */
export function evaluate(expression: Expression, context: Evaluation): Value {
  switch (expression.kind) {
    case 'number':
    case 'string':
    case 'bool':
      return expression.value;
    case 'null':
      return null;
    case 'array':
      return expression.elements.map((element) => evaluate(element, context));
    case 'object':
      return new Map(expression.fields.map((field) => [field.name, evaluate(field.value, context)]));
    case 'identifier':
      return evaluateIdentifier(expression, context);
    case 'access':
      return evaluateAccess(expression, context);
    case 'index':
      return evaluateIndex(expression, context);
    case 'call':
      return evaluateCall(expression, context);
    case 'unary':
      return evaluateUnary(expression, context);
    case 'binary':
      return evaluateBinary(expression, (operand) => evaluate(operand, context), context.report);
    case 'parenthesized':
      return evaluate(expression.inner, context);
    default:
      throw new TypeError('unknown expression', { cause: expression satisfies never });
  }
}

/** Reports an error at a span and yields what stands for the missing value. */
export function failAt(report: Report, code: SyntaxCode, message: string, span: Span, hint?: string): Value {
  report({ severity: 'error', code, message, span, hint });
  return invalid;
}

function evaluateIdentifier({ name, span }: Identifier, { scope, report }: Evaluation): Value {
  const value = scope.lookup(name);
  if (value !== undefined) return value;
  const hint = didYouMean(name, scope.names());
  return failAt(report, 'value/unknown-identifier', `identifier "${name}" does not exist`, span, hint);
}

function evaluateAccess({ object, name, nameSpan }: Access, context: Evaluation): Value {
  const owner = evaluate(object, context);
  if (owner instanceof Unresolved) return owner;
  const fields = asObject(owner);
  if (fields === undefined) {
    const message =
      owner instanceof Capsule
        ? 'expected object or array or a capsule convertible to an object, got capsule'
        : `cannot access field "${name}" on value of type ${kindOf(owner)}`;
    return failAt(context.report, 'value/type', message, nameSpan);
  }
  const value = fields.get(name);
  if (value !== undefined) return value;
  const hint = didYouMean(name, fields.keys());
  return failAt(context.report, 'value/unknown-field', `field "${name}" does not exist`, nameSpan, hint);
}

function evaluateIndex({ object, index, span }: Index, context: Evaluation): Value {
  const owner = evaluate(object, context);
  const key = evaluate(index, context);
  if (owner instanceof Unresolved) return owner;
  if (key instanceof Unresolved) return key;
  if (isArray(owner)) {
    if (typeof key !== 'number' && typeof key !== 'bigint') {
      return failAt(
        context.report,
        'value/type',
        `${excerptOf(index.span)} should be number, got ${kindOf(key)}`,
        index.span,
      );
    }
    const element = owner[Math.trunc(Number(key))];
    if (element !== undefined) return element;
    const message = `index ${key} is out of range of array with length ${owner.length}`;
    return failAt(context.report, 'value/index', message, index.span);
  }
  const fields = asObject(owner);
  if (fields === undefined) {
    return failAt(context.report, 'value/type', `expected object or array, got ${kindOf(owner)}`, span);
  }
  if (typeof key !== 'string') {
    return failAt(
      context.report,
      'value/type',
      `${excerptOf(index.span)} should be string, got ${kindOf(key)}`,
      index.span,
    );
  }
  return fields.get(key) ?? null;
}

function evaluateUnary({ operator, operand }: Unary, context: Evaluation): Value {
  const value = evaluate(operand, context);
  if (value instanceof Unresolved) return value;
  if (operator === '!') {
    if (typeof value === 'boolean') return !value;
  } else if (typeof value === 'number') {
    return -value;
  } else if (typeof value === 'bigint') {
    if (fitsInteger(-value)) return -value;
    return failAt(context.report, 'value/overflow', `-${value} does not fit into 64 bits`, operand.span);
  }
  const wanted = operator === '!' ? 'bool' : 'number';
  const message = `${excerptOf(operand.span)} should be ${wanted}, got ${kindOf(value)}`;
  return failAt(context.report, 'value/type', message, operand.span);
}

function evaluateCall({ callee, args, span }: Call, context: Evaluation): Value {
  const target = evaluate(callee, context);
  const values = args.map((argument) => evaluate(argument, context));
  if (target instanceof Unresolved) return target;
  if (!isFunction(target)) {
    const message = `${excerptOf(callee.span)} should be function, got ${kindOf(target)}`;
    return failAt(context.report, 'value/type', message, callee.span);
  }
  const required = target.parameters.length - target.optional;
  if (values.length < required || (target.variadic === undefined && values.length > target.parameters.length)) {
    const message = `${target.name}: ${wantedCount(target, required)}, got ${values.length}`;
    return failAt(context.report, 'value/arguments', message, span, signatureOf(target));
  }
  const missing = values.map(unresolvedIn).find((value) => value !== undefined);
  if (missing !== undefined) return missing;

  const isTainted = target.secrets !== 'raw' && values.some(holdsSecret);
  const converted: unknown[] = [];
  for (const [index, value] of values.entries()) {
    const parameter = target.parameters[index] ?? target.variadic;
    const argument = parameter?.convert(isTainted ? revealed(value) : value);
    if (argument instanceof Mismatch) {
      const place = args[index]?.span ?? span;
      // What is wrong with the text of a secret could tell the text.
      const problem = holdsSecret(value) ? `should be ${parameter?.type}, got a secret` : argument.message;
      return failAt(context.report, 'value/type', `${excerptOf(place)} ${problem}`, place, signatureOf(target));
    }
    converted.push(argument);
  }
  const result = target.call(converted);
  if (result instanceof Mismatch) {
    const problem = isTainted ? 'the arguments were rejected, and hold a secret' : result.message;
    return failAt(context.report, 'value/function', `${target.name}: ${problem}`, span);
  }
  return isTainted ? tainted(result, target.secrets === 'convertible') : result;
}

function isFunction(value: Value): value is FunctionValue {
  return kindOf(value) === 'function';
}

/** Every text in the result of a function that has seen secrets is a secret. */
function tainted(value: Value, isConvertible: boolean): Value {
  if (typeof value === 'string') return new Secret(value, isConvertible);
  if (isArray(value)) return value.map((element) => tainted(element, isConvertible));
  if (isObject(value)) return new Map(value.entries().map(([key, field]) => [key, tainted(field, isConvertible)]));
  return value;
}

function wantedCount(target: FunctionValue, required: number): string {
  if (target.variadic !== undefined) return `expected at least ${required} args`;
  return target.optional > 0 ? `expected ${required} to ${target.parameters.length} args` : `expected ${required} args`;
}

/** `string.join(list: list(string), separator: string)`, for hints and the reference. */
export function signatureOf(target: FunctionValue): string {
  const required = target.parameters.length - target.optional;
  const parts = target.parameters.map(({ name, type }, index) => `${name}${index < required ? '' : '?'}: ${type}`);
  if (target.variadic !== undefined) parts.push(`${target.variadic.name}...: ${target.variadic.type}`);
  return `${target.name}(${parts.join(', ')})`;
}
