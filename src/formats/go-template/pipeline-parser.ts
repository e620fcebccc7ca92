import { maxNesting } from '../../base/data-limits.ts';
import { goQuote } from '../../base/go-quote.ts';
import { stringValue } from '../../base/go-string-literal.ts';
import { ParseError } from '../../base/parse-error.ts';
import type { Command, NumberLiteral, Operand, Pipeline } from './ast.ts';
import { parseCharacter, parseNumber } from './number-literal.ts';
import type { TokenStream } from './token-stream.ts';
import type { Token } from './token.ts';

interface Known {
  readonly name: string;
  readonly number: number;
}

/** Parses pipelines, and knows which variables there are. */
export class PipelineParser {
  readonly #tokens: TokenStream;
  readonly #functions: { has(name: string): boolean };
  /** The variables that can be seen, the innermost last. */
  #variables: Known[] = [{ name: '$', number: 0 }];
  /** Variables of the template so far, seen or not. */
  #count = 1;
  #depth = 0;
  #deepest = 0;

  constructor(tokens: TokenStream, functions: { has(name: string): boolean }) {
    this.#tokens = tokens;
    this.#functions = functions;
  }

  /** How deep the pipelines of the template are nested in each other. */
  get deepest(): number {
    return this.#deepest;
  }

  /** Begins a template with variables of its own; the result goes back to the one before. */
  enterTemplate(): () => void {
    const before = { variables: this.#variables, count: this.#count, deepest: this.#deepest };
    this.#variables = [{ name: '$', number: 0 }];
    this.#count = 1;
    this.#deepest = 0;
    return () => {
      this.#variables = before.variables;
      this.#count = before.count;
      this.#deepest = before.deepest;
    };
  }

  /** Begins a block; the result forgets the variables that it has declared. */
  enterBlock(): () => void {
    const { length } = this.#variables;
    return () => {
      this.#variables.length = length;
    };
  }

  // Pipeline = [ Variable [ "," Variable ] ( ":=" | "=" ) ] Command { "|" Command }
  /** Parses up to the end of the action, or to the closing parenthesis. */
  parse(context: string, ending: 'right-delimiter' | 'right-paren' = 'right-delimiter'): Pipeline {
    const { start } = this.#tokens.peekNonSpace();
    const { names, isAssignment } = this.#declaration(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#tokens.peekNonSpace();
      if (token.kind === ending) {
        this.#tokens.next();
        this.#check(commands, context);
        // A variable can be seen only after the pipeline that declares it, which may use another one of the name.
        const variables = names.map((name) => (isAssignment ? this.#find(name) : this.#declare(name)));
        const end = ending === 'right-paren' ? token.start + 1 : (commands.at(-1)?.end ?? start);
        return { kind: 'pipeline', variables, isAssignment, commands, start, end };
      }
      if (!startsOperand(token)) {
        this.#tokens.next();
        this.#tokens.unexpected(token, context);
      }
      commands.push(this.#command());
    }
  }

  #declaration(context: string): { names: readonly string[]; isAssignment: boolean } {
    const tokens = this.#tokens;
    const mark = tokens.mark();
    const names: string[] = [];
    while (tokens.peekNonSpace().kind === 'variable') {
      names.push(tokens.nextNonSpace().text);
      const { kind } = tokens.peekNonSpace();
      if (kind === 'assign' || kind === 'declare') {
        tokens.nextNonSpace();
        return { names, isAssignment: kind === 'assign' };
      }
      if (kind !== 'comma') break;
      tokens.nextNonSpace();
      if (context !== 'range' || names.length > 1) tokens.fail(`too many declarations in ${context}`);
      if (tokens.peekNonSpace().kind !== 'variable') tokens.fail('range can only initialize variables');
    }
    tokens.reset(mark);
    return { names: [], isAssignment: false };
  }

  #check(commands: readonly Command[], context: string): void {
    if (commands.length === 0) this.#tokens.fail(`missing value for ${context}`);
    for (const [index, { operands }] of commands.entries()) {
      const { kind } = operands[0];
      const isValue = kind === 'literal' || kind === 'number' || kind === 'nil' || kind === 'dot';
      if (index > 0 && isValue) this.#tokens.fail(`non executable command in pipeline stage ${index + 1}`);
    }
  }

  // Command = Operand { Space Operand }
  #command(): Command {
    const tokens = this.#tokens;
    const operands: Operand[] = [];
    let end = 0;
    for (;;) {
      const operand = this.#operand();
      if (operand !== undefined) operands.push(operand);
      end = operand?.end ?? end;
      const { kind } = tokens.peek();
      if (kind === 'right-delimiter' || kind === 'right-paren') break;
      const token = tokens.next();
      if (kind === 'pipe') break;
      if (kind !== 'space') tokens.unexpected(token, 'operand');
    }
    const [first, ...more] = operands;
    if (first === undefined) return tokens.fail('empty command');
    return { operands: [first, ...more], start: first.start, end };
  }

  // Operand = Term { Field }
  #operand(): Operand | undefined {
    const tokens = this.#tokens;
    if (!startsOperand(tokens.peekNonSpace())) return undefined;
    const term = this.#term(tokens.nextNonSpace());
    const path: string[] = [];
    let { end } = term;
    while (tokens.peek().kind === 'field') {
      const { text, start } = tokens.next();
      path.push(text.slice(1));
      end = start + text.length;
    }
    const [first, ...more] = path;
    if (first === undefined) return term;
    switch (term.kind) {
      case 'field':
        return { ...term, path: [...term.path, ...path], end };
      case 'variable':
        return { ...term, path: [...term.path, ...path], end };
      case 'pipeline':
      case 'function':
        return { kind: 'chain', operand: term, path: [first, ...more], start: term.start, end };
      default:
        return tokens.fail(`unexpected . after term ${goQuote(tokens.textOf(term))}`);
    }
  }

  #term(token: Token): Operand {
    const { kind, text, start } = token;
    const place = { start, end: start + text.length };
    switch (kind) {
      case 'identifier':
        if (!this.#functions.has(text)) this.#tokens.fail(`function ${goQuote(text)} not defined`);
        return { kind: 'function', name: text, ...place };
      case 'dot':
      case 'nil':
        return { kind, ...place };
      case 'variable':
        return { kind, number: this.#find(text), path: [], ...place };
      case 'field':
        return { kind, path: [text.slice(1)], ...place };
      case 'bool':
        return { kind: 'literal', value: text === 'true', ...place };
      case 'string': {
        const { value, problems } = stringValue(text);
        if (problems[0] !== undefined) this.#tokens.fail(problems[0].message);
        return { kind: 'literal', value, ...place };
      }
      case 'left-paren':
        return this.#parenthesized(start);
      default:
        return this.#number(token);
    }
  }

  #parenthesized(start: number): Pipeline {
    this.#depth++;
    this.#deepest = Math.max(this.#deepest, this.#depth);
    if (this.#depth > maxNesting) this.#tokens.fail('max expression depth exceeded');
    const pipeline = this.parse('parenthesized pipeline', 'right-paren');
    this.#depth--;
    return { ...pipeline, start };
  }

  #number({ kind, text, start }: Token): NumberLiteral {
    const forms = kind === 'character' ? parseCharacter(text) : parseNumber(text);
    if (forms instanceof ParseError) return this.#tokens.fail(forms.message);
    return { kind: 'number', ...forms, start, end: start + text.length };
  }

  #declare(name: string): number {
    const number = this.#count++;
    this.#variables.push({ name, number });
    return number;
  }

  #find(name: string): number {
    const known = this.#variables.findLast((variable) => variable.name === name);
    return known?.number ?? this.#tokens.fail(`undefined variable ${goQuote(name)}`);
  }
}

function startsOperand({ kind }: Token): boolean {
  switch (kind) {
    case 'bool':
    case 'character':
    case 'dot':
    case 'field':
    case 'identifier':
    case 'left-paren':
    case 'nil':
    case 'number':
    case 'string':
    case 'variable':
      return true;
    default:
      return false;
  }
}
