import { maxNesting } from '../../base/data-limits.ts';
import { goQuote } from '../../base/go-quote.ts';
import { stringValue } from '../../base/go-string-literal.ts';
import { ParseError } from '../../base/parse-error.ts';
import type { Condition, Invocation, Range, Statement, Tree } from './ast.ts';
import { tokensOf } from './lexer.ts';
import { PipelineParser } from './pipeline-parser.ts';
import { SyntaxFailure, TokenStream } from './token-stream.ts';
import type { Token } from './token.ts';

/** The template itself under its name, and those that it defines under theirs. */
export type Trees = ReadonlyMap<string, Tree>;

/** Parses a template. It may call the functions whose names are given. */
export function parseTemplate(
  name: string,
  text: string,
  functions: { has(name: string): boolean },
): Trees | ParseError {
  const parser = new Parser(new TokenStream(name, text, tokensOf(text)), functions);
  try {
    return parser.parse(name);
  } catch (thrown) {
    if (thrown instanceof SyntaxFailure) return new ParseError(thrown.message);
    throw thrown;
  }
}

/** What ends a list of statements. */
type Ending = 'end' | 'else';

class Parser {
  readonly #tokens: TokenStream;
  readonly #pipelines: PipelineParser;
  readonly #trees = new Map<string, Tree>();
  /** Ranges around the current statement. */
  #ranges = 0;
  #depth = 0;
  #deepest = 0;

  constructor(tokens: TokenStream, functions: { has(name: string): boolean }) {
    this.#tokens = tokens;
    this.#pipelines = new PipelineParser(tokens, functions);
  }

  parse(name: string): Trees {
    const tokens = this.#tokens;
    const statements: Statement[] = [];
    while (tokens.peek().kind !== 'end-of-text') {
      if (tokens.peek().kind === 'left-delimiter') {
        const mark = tokens.mark();
        tokens.next();
        if (tokens.nextNonSpace().kind === 'define') {
          this.#definition();
          continue;
        }
        tokens.reset(mark);
      }
      const statement = this.#statement();
      if (typeof statement === 'string') return tokens.fail(`unexpected {{${statement}}}`);
      statements.push(statement);
    }
    this.#add(name, { statements, nesting: this.#deepest + this.#pipelines.deepest });
    return this.#trees;
  }

  // Define = "{{define" String "}}" List "{{end}}"
  #definition(): void {
    const name = this.#templateName('define clause');
    this.#tokens.expect('right-delimiter', 'define clause');
    this.#apart(name, 'define clause');
  }

  /** Parses the body of a template that has its own variables. */
  #apart(name: string, context: string): void {
    const ranges = this.#ranges;
    const deepest = this.#deepest;
    this.#ranges = 0;
    this.#deepest = 0;
    const leave = this.#pipelines.enterTemplate();
    const { statements, ending } = this.#list();
    if (ending !== 'end') this.#tokens.fail(`unexpected {{else}} in ${context}`);
    this.#add(name, { statements, nesting: this.#deepest + this.#pipelines.deepest });
    leave();
    this.#ranges = ranges;
    this.#deepest = deepest;
  }

  /** A template without any content gives way to another one of the same name. */
  #add(name: string, tree: Tree): void {
    const before = this.#trees.get(name);
    if (before === undefined || isEmpty(before.statements)) this.#trees.set(name, tree);
    else if (!isEmpty(tree.statements)) this.#tokens.fail(`multiple definition of template ${goQuote(name)}`);
  }

  #list(): { statements: Statement[]; ending: Ending } {
    const statements: Statement[] = [];
    this.#depth++;
    this.#deepest = Math.max(this.#deepest, this.#depth);
    if (this.#depth > maxNesting) this.#tokens.fail('the template is nested too deeply');
    while (this.#tokens.peekNonSpace().kind !== 'end-of-text') {
      const statement = this.#statement();
      if (typeof statement === 'string') {
        this.#depth--;
        return { statements, ending: statement };
      }
      statements.push(statement);
    }
    return this.#tokens.fail('unexpected EOF');
  }

  #statement(): Statement | Ending {
    const token = this.#tokens.nextNonSpace();
    if (token.kind === 'text') return { kind: 'text', text: token.text };
    if (token.kind !== 'left-delimiter') return this.#tokens.unexpected(token, 'input');
    this.#tokens.beginAction(token);
    const statement = this.#action();
    this.#tokens.endAction();
    return statement;
  }

  #action(): Statement | Ending {
    const tokens = this.#tokens;
    const token = tokens.peekNonSpace();
    switch (token.kind) {
      case 'if':
      case 'with':
        tokens.nextNonSpace();
        return this.#condition(token.kind);
      case 'range':
        tokens.nextNonSpace();
        return this.#range(token);
      case 'template':
        tokens.nextNonSpace();
        return this.#invocation(token);
      case 'block':
        tokens.nextNonSpace();
        return this.#block(token);
      case 'break':
      case 'continue':
        tokens.nextNonSpace();
        tokens.expect('right-delimiter', `{{${token.kind}}}`);
        if (this.#ranges === 0) tokens.fail(`{{${token.kind}}} outside {{range}}`);
        return { kind: token.kind };
      case 'end':
        tokens.nextNonSpace();
        tokens.expect('right-delimiter', 'end');
        return 'end';
      case 'else': {
        tokens.nextNonSpace();
        const { kind } = tokens.peekNonSpace();
        // What follows is read by whoever wants an `else`.
        if (kind !== 'if' && kind !== 'with') tokens.expect('right-delimiter', 'else');
        return 'else';
      }
      default: {
        const pipeline = this.#pipelines.parse('command');
        return { kind: 'action', pipeline, start: pipeline.start, end: pipeline.end };
      }
    }
  }

  #condition(kind: 'if' | 'with'): Condition {
    const { pipeline, body, otherwise } = this.#control(kind);
    return { kind, pipeline, body, otherwise };
  }

  #range({ start }: Token): Range {
    const { pipeline, body, otherwise } = this.#control('range');
    return { kind: 'range', pipeline, body, otherwise, start, end: pipeline.end };
  }

  // Control = Keyword Pipeline "}}" List [ "{{else}}" List ] "{{end}}"
  #control(kind: 'if' | 'with' | 'range'): Omit<Condition, 'kind'> {
    const leave = this.#pipelines.enterBlock();
    const pipeline = this.#pipelines.parse(kind);
    if (kind === 'range') this.#ranges++;
    const { statements: body, ending } = this.#list();
    if (kind === 'range') this.#ranges--;
    const otherwise = ending === 'else' ? this.#otherwise(kind) : [];
    leave();
    return { pipeline, body, otherwise };
  }

  /** `{{else if ...}}` stands for an `if` in the `else`, with the same end. */
  #otherwise(kind: 'if' | 'with' | 'range'): Statement[] {
    const tokens = this.#tokens;
    const next = tokens.peekNonSpace().kind;
    if (kind !== 'range' && next === kind) {
      tokens.nextNonSpace();
      this.#depth++;
      this.#deepest = Math.max(this.#deepest, this.#depth);
      if (this.#depth > maxNesting) tokens.fail('the template is nested too deeply');
      const chained = this.#condition(kind);
      this.#depth--;
      return [chained];
    }
    if (next === 'if' || next === 'with') tokens.unexpected(tokens.nextNonSpace(), 'input');
    const { statements, ending } = this.#list();
    if (ending !== 'end') tokens.fail('expected end; found {{else}}');
    return statements;
  }

  // Template = "{{template" String [ Pipeline ] "}}"
  #invocation({ start }: Token): Invocation {
    const tokens = this.#tokens;
    const name = this.#templateName('template clause');
    if (tokens.peekNonSpace().kind === 'right-delimiter') {
      const { start: end } = tokens.nextNonSpace();
      return { kind: 'template', name, pipeline: undefined, start, end };
    }
    const pipeline = this.#pipelines.parse('template clause');
    return { kind: 'template', name, pipeline, start, end: pipeline.end };
  }

  // Block = "{{block" String Pipeline "}}" List "{{end}}"
  #block({ start }: Token): Invocation {
    const name = this.#templateName('block clause');
    const pipeline = this.#pipelines.parse('block clause');
    this.#apart(name, 'block clause');
    return { kind: 'template', name, pipeline, start, end: pipeline.end };
  }

  #templateName(context: string): string {
    const token = this.#tokens.nextNonSpace();
    if (token.kind !== 'string') return this.#tokens.unexpected(token, context);
    const { value, problems } = stringValue(token.text);
    return problems[0] === undefined ? value : this.#tokens.fail(problems[0].message);
  }
}

function isEmpty(statements: readonly Statement[]): boolean {
  return statements.every((statement) => statement.kind === 'text' && statement.text.trim() === '');
}
