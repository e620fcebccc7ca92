import { messageOf } from '../../base/message-of.ts';
import { ParseError } from '../../base/parse-error.ts';
import type { Place } from './ast.ts';
import { builtins } from './builtins.ts';
import { compileStatements, type Callable } from './compile-statement.ts';
import { parseTemplate } from './parser.ts';
import { ExecutionFailure, type Run } from './run.ts';
import { DataUse } from './scope.ts';
import { lineAt } from './token.ts';
import type { FunctionTable } from './template-function.ts';
import { Dict, type Value } from './value.ts';
import { CallFailure, spend, startWork, unit, WorkExhausted } from './work.ts';

/** What a template is executed on: a map whose values are made when they are asked for. */
export interface TemplateData {
  /** The value of one of the fields that the template reads; undefined if there is none. */
  get(field: string): string | undefined;
  /** All values; called only if the template uses the data as a whole. */
  all(): Map<string, Value>;
}

export interface TemplateOptions {
  /** The name that errors tell. */
  readonly name: string;
  /** What may be called beside the functions that every template has. */
  readonly functions: FunctionTable;
  /** Whether the data is a map of nothing but text, which some functions do not take. */
  readonly isTextMap?: boolean;
}

/** Compiles a template of Go's `text/template`. Compile once and keep the result. */
export function compileTemplate(
  text: string,
  { name, functions, isTextMap }: TemplateOptions,
): GoTemplate | ParseError {
  const all: FunctionTable = { ...builtins, ...functions };
  const trees = parseTemplate(name, text, { has: (called) => Object.hasOwn(all, called) });
  if (trees instanceof ParseError) return trees;
  const uses = new DataUse();
  const templates = new Map<string, Callable>();
  for (const [defined, { statements, nesting }] of trees) {
    const isMain = defined === name;
    const scope = { source: text, functions: all, uses, isDotData: isMain, isDollarData: isMain };
    templates.set(defined, { execute: compileStatements(statements, scope, templates), nesting });
  }
  return new GoTemplate(text, name, templates, uses, isTextMap === true);
}

/** Why a template could not be executed on some data. */
export class TemplateError {
  /** What was thrown if it was none of the errors that templates know. */
  readonly cause: unknown;
  readonly #describe: () => string;

  constructor(describe: () => string, cause: unknown) {
    this.#describe = describe;
    this.cause = cause;
  }

  get message(): string {
    return this.#describe();
  }
}

/** A compiled template. It keeps nothing between executions, and executions must not overlap. */
export class GoTemplate {
  /** As it was given. */
  readonly source: string;
  /** The fields of its data that it reads by their names. */
  readonly fields: ReadonlySet<string>;
  /** Whether it uses the data as a whole, so that every value may matter. */
  readonly usesWholeData: boolean;
  readonly #name: string;
  readonly #main: Callable;
  readonly #data: Data;
  readonly #run: Run;

  constructor(
    source: string,
    name: string,
    templates: ReadonlyMap<string, Callable>,
    { fields, isWhole }: DataUse,
    isTextMap: boolean,
  ) {
    const main = templates.get(name);
    if (main === undefined) throw new TypeError('a template defines itself');
    this.source = source;
    this.fields = fields;
    this.usesWholeData = isWhole;
    this.#name = name;
    this.#main = main;
    this.#data = new Data(fields, isTextMap);
    const nowhere = { start: 0, end: 0 };
    this.#run = { data: this.#data, output: '', frame: [], depth: 0, name, call: { name: '', place: nowhere } };
  }

  /** The output, or why there is none. A further execution has to do with what the work before has left. */
  execute(data: TemplateData, isFurther = false): string | TemplateError {
    const run = this.#run;
    run.output = '';
    run.frame = [this.#data];
    run.depth = 0;
    run.name = this.#name;
    this.#data.source = data;
    if (!isFurther) startWork();
    try {
      spend(unit);
      this.#main.execute(run, this.#data);
      return run.output;
    } catch (thrown) {
      return this.#errorOf(thrown);
    } finally {
      this.#data.forget();
      run.frame = [];
      run.output = '';
    }
  }

  #errorOf(thrown: unknown): TemplateError {
    const { name, call } = this.#run;
    if (thrown instanceof ExecutionFailure) {
      return new TemplateError(() => this.#message(name, thrown.place, thrown.message), undefined);
    }
    if (thrown instanceof WorkExhausted) {
      return new TemplateError(() => this.#message(name, call.place, thrown.message), undefined);
    }
    // As in Go, whatever goes wrong in a function is an error of the template.
    const message = `error calling ${call.name}: ${thrown instanceof CallFailure ? thrown.message : messageOf(thrown)}`;
    const cause = thrown instanceof CallFailure ? undefined : thrown;
    return new TemplateError(() => this.#message(name, call.place, message), cause);
  }

  #message(template: string, { start, end }: Place, message: string): string {
    const { line, column } = lineAt(this.source, start);
    const excerpt = this.source.slice(start, Math.min(end, start + 80));
    return `template: ${this.#name}:${line}:${column}: executing ${JSON.stringify(template)} at <${excerpt}>: ${message}`;
  }
}

/** The data of an execution as a map, which is only made when somebody asks for more than single fields. */
class Data extends Dict {
  source: TemplateData | undefined;
  readonly #fields: ReadonlySet<string>;

  constructor(fields: ReadonlySet<string>, isTextMap: boolean) {
    super(undefined, isTextMap ? 'string' : 'interface {}');
    this.#fields = fields;
  }

  forget(): void {
    this.source = undefined;
    this.unload();
  }

  protected override load(): Map<string, Value> {
    return this.source?.all() ?? new Map<string, Value>();
  }

  protected override loadOne(key: string): Value {
    return this.#fields.has(key) ? this.source?.get(key) : this.entries.get(key);
  }
}
