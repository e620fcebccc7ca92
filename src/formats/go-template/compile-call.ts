import type { FunctionName, Operand, Place } from './ast.ts';
import { compileConstant, failing } from './compile-constant.ts';
import { any, text, type Parameter } from './parameter.ts';
import { fail, type Expression, type Run } from './run.ts';
import { isData, type Scope } from './scope.ts';
import type { TemplateFunction } from './template-function.ts';
import { isTrue, List, typeOf, type Value } from './value.ts';
import { spend, unit } from './work.ts';

/** Functions that take no more than a key from a map, which may be the data of the template. */
const keyReaders: ReadonlySet<string> = new Set(['index', 'get', 'hasKey']);

/** Compiles an operand without arguments. Operands and calls contain each other. */
type OperandCompiler = (operand: Operand, scope: Scope) => Expression;

/** A call of a function. The last argument is what comes down the pipeline, if something does. */
export function compileCall(
  { name }: FunctionName,
  place: Place,
  operands: readonly Operand[],
  isPiped: boolean,
  scope: Scope,
  compileOperand: OperandCompiler,
): Expression {
  const definition = scope.functions[name];
  if (definition === undefined) throw new TypeError(`the parser knows no function ${name}`);
  const count = operands.length + (isPiped ? 1 : 0);
  const { parameters, rest } = definition;
  if (rest !== undefined && count < parameters.length) {
    const got = operands.length;
    return failing(place, `wrong number of args for ${name}: want at least ${parameters.length} got ${got}`);
  }
  if (rest === undefined && count !== parameters.length) {
    return failing(place, `wrong number of args for ${name}: want ${parameters.length} got ${count}`);
  }
  const readKey = keyReaders.has(name) ? keyOfData(operands, scope) : undefined;
  if (readKey !== undefined) scope.uses.fields.add(readKey);
  const args: Expression[] = operands.map((operand, index) => {
    const parameter = parameters[index] ?? rest ?? any;
    if (index === 0 && readKey !== undefined) return checked(({ data }) => data, parameter, operand);
    return compileArgument(operand, parameter, scope, compileOperand);
  });
  if (isPiped) {
    const parameter = parameters[count - 1] ?? rest ?? any;
    args.push(checked((_run, _dot, piped) => piped, parameter, place));
  }
  if (name === 'and' || name === 'or') return compileLogic(args, name === 'or');
  return compileApplication(definition, args, { name, place });
}

/** The key in `index . "key"`, where the dot is the data. */
function keyOfData([map, key, ...more]: readonly Operand[], scope: Scope): string | undefined {
  if (!isData(map, scope) || key?.kind !== 'literal' || typeof key.value !== 'string' || more.length > 0)
    return undefined;
  return key.value;
}

/** The first argument that decides, or the last one. */
function compileLogic(args: readonly Expression[], decisive: boolean): Expression {
  return (run, dot, piped) => {
    let value: Value;
    for (const arg of args) {
      value = arg(run, dot, piped);
      if (isTrue(value) === decisive) break;
    }
    return value;
  };
}

/** Without an array of arguments for the numbers of them that are common. */
function compileApplication({ call }: TemplateFunction, args: readonly Expression[], which: Run['call']): Expression {
  const apply = call as (...values: readonly Value[]) => Value;
  const [first, second, third] = args;
  if (first !== undefined && args.length === 1) {
    return (run, dot, piped) => {
      const a = first(run, dot, piped);
      run.call = which;
      return counted(apply(counted(a)));
    };
  }
  if (first !== undefined && second !== undefined && args.length === 2) {
    return (run, dot, piped) => {
      const a = first(run, dot, piped);
      const b = second(run, dot, piped);
      run.call = which;
      return counted(apply(counted(a), counted(b)));
    };
  }
  if (first !== undefined && second !== undefined && third !== undefined && args.length === 3) {
    return (run, dot, piped) => {
      const a = first(run, dot, piped);
      const b = second(run, dot, piped);
      const c = third(run, dot, piped);
      run.call = which;
      return counted(apply(counted(a), counted(b), counted(c)));
    };
  }
  return (run, dot, piped) => {
    const values = args.map((arg) => arg(run, dot, piped));
    run.call = which;
    for (const value of values) counted(value);
    return counted(apply(...values));
  };
}

/** Puts a value that a function takes or gives on the account. */
function counted(value: Value): Value {
  if (typeof value === 'string') spend(unit + value.length);
  else spend(value instanceof List ? unit * (1 + value.items.length) : unit);
  return value;
}

function compileArgument(
  operand: Operand,
  parameter: Parameter<unknown>,
  scope: Scope,
  compileOperand: OperandCompiler,
): Expression {
  if (operand.kind === 'literal' || operand.kind === 'number' || operand.kind === 'nil') {
    return compileConstant(operand, parameter, scope);
  }
  return checked(compileOperand(operand, scope), parameter, operand);
}

/** Checks the type of what comes out of an expression. */
function checked(expression: Expression, parameter: Parameter<unknown>, place: Place): Expression {
  if (parameter === any) return (run, dot, piped) => expression(run, dot, piped) ?? null;
  if (parameter === text) {
    return (run, dot, piped) => {
      const value = expression(run, dot, piped);
      return typeof value === 'string' ? value : mismatch(value, parameter, place);
    };
  }
  return (run, dot, piped) => {
    const value = expression(run, dot, piped);
    return parameter.accepts(value) ? value : mismatch(value, parameter, place);
  };
}

function mismatch(value: Value, parameter: Parameter<unknown>, place: Place): Value {
  if (value === undefined) {
    return 'nil' in parameter ? (parameter.nil as Value) : fail(place, `invalid value; expected ${parameter.type}`);
  }
  const type = value === null ? 'interface {}' : typeOf(value);
  return fail(place, `wrong type for value; expected ${parameter.type}; got ${type}`);
}
