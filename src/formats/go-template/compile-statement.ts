import type { Condition, Invocation, Range, Statement } from './ast.ts';
import { compilePipeline } from './compile-operand.ts';
import { shown, textOf } from './print.ts';
import { fail, flow, type Execution, type Expression, type Flow, type Run } from './run.ts';
import type { Scope } from './scope.ts';
import { Dict, int, Integer, isTrue, List, sortedKeys, type Value } from './value.ts';
import { spend, unit } from './work.ts';

/** A template that can be called by its name. */
export interface Callable {
  readonly execute: Execution;
  readonly nesting: number;
}

export type Callables = ReadonlyMap<string, Callable>;

/** How deep templates may call each other, counted with their nesting, so that the stack is not exhausted. */
const maxDepth = 1000;

export function compileStatements(statements: readonly Statement[], scope: Scope, templates: Callables): Execution {
  const compiled = statements.map((statement) => compileStatement(statement, scope, templates));
  const [only] = compiled;
  if (only !== undefined && compiled.length === 1) return only;
  return (run, dot) => {
    for (let index = 0; index < compiled.length; index++) {
      const result = (compiled[index] as Execution)(run, dot);
      if (result !== flow.next) return result;
    }
    return flow.next;
  };
}

function compileStatement(statement: Statement, scope: Scope, templates: Callables): Execution {
  switch (statement.kind) {
    case 'text': {
      const { text } = statement;
      return (run) => write(run, text);
    }
    case 'action': {
      const evaluate = compilePipeline(statement.pipeline, scope);
      if (statement.pipeline.variables.length > 0) {
        return (run, dot) => {
          evaluate(run, dot, undefined);
          return flow.next;
        };
      }
      return (run, dot) => write(run, shown(evaluate(run, dot, undefined)));
    }
    case 'if':
    case 'with':
      return compileCondition(statement, scope, templates);
    case 'range':
      return compileRange(statement, scope, templates);
    case 'template':
      return compileInvocation(statement, scope, templates);
    case 'break':
      return () => flow.break;
    default:
      return () => flow.continue;
  }
}

function write(run: Run, text: string): Flow {
  spend(text.length);
  run.output += text;
  return flow.next;
}

function compileCondition(
  { kind, pipeline, body, otherwise }: Condition,
  scope: Scope,
  templates: Callables,
): Execution {
  const evaluate = compilePipeline(pipeline, scope);
  const isWith = kind === 'with';
  const whenTrue = compileStatements(body, isWith ? { ...scope, isDotData: false } : scope, templates);
  const whenFalse = compileStatements(otherwise, scope, templates);
  return (run, dot) => {
    const value = evaluate(run, dot, undefined);
    return isTrue(value) ? whenTrue(run, isWith ? value : dot) : whenFalse(run, dot);
  };
}

function compileRange(statement: Range, scope: Scope, templates: Callables): Execution {
  const evaluate: Expression = compilePipeline(statement.pipeline, scope);
  const body = compileStatements(statement.body, { ...scope, isDotData: false }, templates);
  const otherwise = compileStatements(statement.otherwise, scope, templates);
  const [first, second] = statement.pipeline.variables;
  const indexAt = second === undefined ? undefined : first;
  const elementAt = second ?? first;

  /** One round. True if it was the last one. */
  const round = (run: Run, index: Value, element: Value): boolean => {
    spend(unit);
    if (indexAt !== undefined) run.frame[indexAt] = index;
    if (elementAt !== undefined) run.frame[elementAt] = element;
    return body(run, element) === flow.break;
  };

  return (run, dot) => {
    const value = evaluate(run, dot, undefined);
    if (value instanceof Integer) {
      if (second !== undefined) {
        fail(statement, `can't use ${textOf(value)} to iterate over more than one variable`);
      }
      if (value.value <= 0n) return otherwise(run, dot);
      for (let at = 0n; at < value.value; at++) if (round(run, undefined, new Integer(value.type, at))) break;
      return flow.next;
    }
    if (value instanceof List) {
      if (value.items.length === 0) return otherwise(run, dot);
      for (let at = 0; at < value.items.length; at++) if (round(run, int(at), value.items[at])) break;
      return flow.next;
    }
    if (value instanceof Dict) {
      if (value.entries.size === 0) return otherwise(run, dot);
      // The keys at the beginning count, with the values at the beginning.
      const pairs = sortedKeys(value).map((key): [string, Value] => [key, value.get(key)]);
      spend(unit * pairs.length);
      for (const [key, element] of pairs) if (round(run, key, element)) break;
      return flow.next;
    }
    if (value !== undefined) fail(statement, `range can't iterate over ${textOf(value)}`);
    return otherwise(run, dot);
  };
}

function compileInvocation(statement: Invocation, scope: Scope, templates: Callables): Execution {
  const { name, pipeline } = statement;
  const evaluate = pipeline === undefined ? () => undefined : compilePipeline(pipeline, scope);
  return (run, dot) => {
    const template = templates.get(name);
    if (template === undefined) return fail(statement, `template ${JSON.stringify(name)} not defined`);
    const before = { frame: run.frame, name: run.name };
    const value = evaluate(run, dot, undefined);
    spend(unit);
    run.depth += template.nesting;
    if (run.depth > maxDepth) fail(statement, `exceeded maximum template depth (${maxDepth})`);
    run.frame = [value];
    run.name = name;
    template.execute(run, value);
    run.frame = before.frame;
    run.name = before.name;
    run.depth -= template.nesting;
    return flow.next;
  };
}
