import type { Command, Operand, Pipeline, Place } from './ast.ts';
import { compileCall } from './compile-call.ts';
import { compileNumber, failing } from './compile-constant.ts';
import { fail, type Expression } from './run.ts';
import { excerpt, isData, type Scope } from './scope.ts';
import { Dict, GoObject, typeOf, type Value } from './value.ts';
import { spend, unit } from './work.ts';

export function compilePipeline({ commands, variables }: Pipeline, scope: Scope): Expression {
  const [first, ...more] = commands.map((command, index) => compileCommand(command, index > 0, scope));
  if (first === undefined) throw new TypeError('a pipeline has a command');
  // A nil that was found counts as nothing from here on.
  const evaluate: Expression = (run, dot) => {
    let value = first(run, dot, undefined) ?? undefined;
    for (let index = 0; index < more.length; index++) value = (more[index] as Expression)(run, dot, value) ?? undefined;
    return value;
  };
  if (variables.length === 0) return evaluate;
  return (run, dot) => {
    const value = evaluate(run, dot, undefined);
    for (const number of variables) run.frame[number] = value;
    return value;
  };
}

function compileCommand(command: Command, isPiped: boolean, scope: Scope): Expression {
  const [first, ...args] = command.operands;
  const hasArguments = args.length > 0 || isPiped;
  switch (first.kind) {
    case 'function':
      return compileCall(first, command, args, isPiped, scope, compileOperand);
    case 'field':
    case 'chain':
      return compilePath(first, args, isPiped, scope);
    case 'variable':
      if (first.path.length > 0) return compilePath(first, args, isPiped, scope);
      break;
    case 'nil':
      return failing(first, hasArguments ? `can't give argument to non-function nil` : 'nil is not a command');
    default:
      break;
  }
  if (hasArguments) return failing(first, `can't give argument to non-function ${excerpt(scope, first)}`);
  return compileOperand(first, scope);
}

/** An operand without arguments. */
export function compileOperand(operand: Operand, scope: Scope): Expression {
  switch (operand.kind) {
    case 'literal': {
      const { value } = operand;
      return () => value;
    }
    case 'number':
      return compileNumber(operand, scope);
    case 'nil':
      return () => null;
    case 'dot':
      scope.uses.isWhole ||= scope.isDotData;
      return (_run, dot) => dot;
    case 'variable': {
      if (operand.path.length > 0) return compilePath(operand, [], false, scope);
      scope.uses.isWhole ||= isData(operand, scope);
      const { number } = operand;
      return ({ frame }) => frame[number];
    }
    case 'field':
    case 'chain':
      return compilePath(operand, [], false, scope);
    case 'function':
      return compileCall(operand, operand, [], false, scope, compileOperand);
    default:
      return compilePipeline(operand, scope);
  }
}

/** Fields of an operand, one after the other. The last one may be a method with arguments. */
function compilePath(
  operand: Extract<Operand, { kind: 'field' | 'variable' | 'chain' }>,
  args: readonly Operand[],
  isPiped: boolean,
  scope: Scope,
): Expression {
  const path = operand.path.slice(0, -1);
  const last = operand.path.at(-1) ?? '';
  const start = compileStart(operand, scope);
  const compiled = args.map((arg) => compileOperand(arg, scope));
  if (isPiped) compiled.push((_run, _dot, piped) => piped);
  if (path.length === 0 && compiled.length === 0) {
    return (run, dot) => {
      const receiver = start(run, dot, undefined);
      return receiver instanceof Dict ? receiver.get(last) : fieldOf(receiver, last, operand);
    };
  }
  return (run, dot, piped) => {
    let receiver = start(run, dot, undefined);
    for (const name of path) receiver = fieldOf(receiver, name, operand);
    if (compiled.length === 0) return fieldOf(receiver, last, operand);
    if (receiver === undefined) return undefined;
    const method = receiver instanceof GoObject ? receiver.method(last) : undefined;
    if (method === undefined) return refuseArguments(receiver, last, operand);
    const values = compiled.map((arg) => arg(run, dot, piped));
    run.call = { name: last, place: operand };
    spend(unit);
    return method(...values);
  };
}

/** What the fields are those of. */
function compileStart(operand: Extract<Operand, { kind: 'field' | 'variable' | 'chain' }>, scope: Scope): Expression {
  const isOfData =
    operand.kind === 'field'
      ? scope.isDotData
      : operand.kind === 'variable' && operand.number === 0 && scope.isDollarData;
  if (isOfData) {
    scope.uses.fields.add(operand.path[0] ?? '');
    return ({ data }) => data;
  }
  if (operand.kind === 'field') return (_run, dot) => dot;
  if (operand.kind === 'chain') return compileOperand(operand.operand, scope);
  const { number } = operand;
  return ({ frame }) => frame[number];
}

function fieldOf(receiver: Value, name: string, place: Place): Value {
  if (receiver === undefined) return undefined;
  if (receiver === null) return fail(place, `nil pointer evaluating interface {}.${name}`);
  if (receiver instanceof Dict) return receiver.get(name);
  const method = receiver instanceof GoObject ? receiver.method(name) : undefined;
  return method === undefined ? fail(place, `can't evaluate field ${name} in type ${typeOf(receiver)}`) : method();
}

function refuseArguments(receiver: Value, name: string, place: Place): never {
  if (receiver instanceof Dict) return fail(place, `${name} is not a method but has arguments`);
  return fail(place, `can't evaluate field ${name} in type ${typeOf(receiver)}`);
}
