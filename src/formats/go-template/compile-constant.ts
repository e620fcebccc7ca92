import type { Literal, Nil, NumberLiteral, Operand, Place } from './ast.ts';
import { any, type Parameter } from './parameter.ts';
import { fail, type Expression } from './run.ts';
import { excerpt, type Scope } from './scope.ts';
import { int, type Value } from './value.ts';

/** A constant as an argument, whose parameter says what type it has to be. */
export function compileConstant(
  operand: Literal | NumberLiteral | Nil,
  parameter: Parameter<unknown>,
  scope: Scope,
): Expression {
  if (operand.kind === 'literal') {
    const { value } = operand;
    return parameter.accepts(value) ? () => value : failing(operand, unsuitable(operand, parameter, scope));
  }
  if (operand.kind === 'number') {
    if (parameter === any) return compileNumber(operand, scope);
    const value = parameter.constant?.(operand);
    if (value === undefined) return failing(operand, unsuitable(operand, parameter, scope));
    return () => value as Value;
  }
  if ('nil' in parameter) return () => parameter.nil as Value;
  return failing(operand, `cannot assign nil to ${parameter.type}`);
}

/** A number where nothing says what type it has to be. */
export function compileNumber(literal: NumberLiteral, scope: Scope): Expression {
  const { float, integer } = literal;
  if (literal.isFloat) return () => float;
  if (integer === undefined) return failing(literal, `${excerpt(scope, literal)} overflows int`);
  const value = int(integer);
  return () => value;
}

/** What is wrong in any case, but only where the template comes to it. */
export function failing(place: Place, message: string): Expression {
  return () => fail(place, message);
}

/** What Go says of a constant that is no value of a type. */
function unsuitable(operand: Operand, { type }: Parameter<unknown>, scope: Scope): string {
  const found = excerpt(scope, operand);
  switch (type) {
    case 'int':
      return `expected integer; found ${found}`;
    case 'float64':
      return `expected float; found ${found}`;
    case 'bool':
    case 'string':
      return `expected ${type}; found ${found}`;
    default:
      return `can't handle ${found} for arg of type ${type}`;
  }
}
