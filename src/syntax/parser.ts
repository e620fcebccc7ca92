import { isHigherThan, type Attribute, type Block, type Body, type File, type Statement } from './ast.ts';
import { inOrder, type Diagnostic } from './diagnostic.ts';
import { parseExpression } from './expression-parser.ts';
import { lex } from './lexer.ts';
import type { Source, Span } from './source.ts';
import { maxHeight, TokenStream } from './token-stream.ts';
import { isIdentifier } from './token.ts';

export interface Parsed {
  /** Whole only if no diagnostic is an error. */
  readonly file: File;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses a file and goes on after errors, so that all of them are reported at once. */
export function parse(source: Source): Parsed {
  const diagnostics: Diagnostic[] = [];
  const { tokens, comments } = lex(source, (diagnostic) => diagnostics.push(diagnostic));
  const stream = new TokenStream(source, tokens, diagnostics);
  const body = parseBody(stream, 'EOF');
  return { file: { source, body, comments }, diagnostics: inOrder(diagnostics) };
}

// Body = [ Statement { TERMINATOR Statement } [ TERMINATOR ] ]
function parseBody(stream: TokenStream, until: 'EOF' | '}'): Body {
  const start = stream.token.start;
  const statements: Statement[] = [];
  while (!stream.is(until) && !stream.is('EOF')) {
    const statement = parseStatement(stream);
    if (statement !== undefined) statements.push(statement);
    if (stream.is(until)) break;
    if (!stream.is('TERMINATOR')) {
      if (statement !== undefined) stream.unexpected('expected TERMINATOR');
      stream.skipStatement();
    }
    stream.take('TERMINATOR');
  }
  return { statements, span: stream.spanFrom(start) };
}

// Statement = BlockName "=" Expression | BlockName "{" Body "}"
function parseStatement(stream: TokenStream): Statement | undefined {
  const start = stream.token.start;
  if (!stream.is('IDENT')) {
    stream.unexpected('expected identifier');
    stream.next();
    return undefined;
  }
  const name = parseName(stream);
  const label = stream.is('STRING') ? { literal: stream.text, span: stream.span } : undefined;
  if (label !== undefined) stream.next();

  if (stream.is('=')) return parseAttribute(stream, start, name, label);
  if (stream.is('{')) return stream.nested(() => parseBlock(stream, start, name, label));

  if (label !== undefined || name.isDotted) stream.unexpected('expected block body');
  else if (stream.is('IDENT') || stream.is('NUMBER')) stream.unexpected('expected block label');
  else stream.unexpected('expected attribute assignment or block body');
  return undefined;
}

interface Name {
  readonly text: string;
  readonly span: Span;
  readonly isDotted: boolean;
}

interface Label {
  readonly literal: string;
  readonly span: Span;
}

// BlockName = IDENT { "." IDENT } [ STRING ]
function parseName(stream: TokenStream): Name {
  const start = stream.token.start;
  const parts = [stream.text];
  stream.next();
  while (stream.take('.')) {
    if (!stream.is('IDENT')) {
      stream.unexpected('expected identifier');
      break;
    }
    parts.push(stream.text);
    stream.next();
  }
  return { text: parts.join('.'), span: stream.spanFrom(start), isDotted: parts.length > 1 };
}

function parseAttribute(
  stream: TokenStream,
  start: number,
  name: Name,
  label: Label | undefined,
): Attribute | undefined {
  if (name.isDotted) {
    const message = 'attribute names may only consist of a single identifier with no "."';
    stream.fail('syntax/attribute-name', message, name.span);
  } else if (label !== undefined) {
    stream.fail('syntax/attribute-name', 'attribute names may not have labels', label.span);
  }
  stream.next();
  const value = parseExpression(stream);
  if (value === undefined) return undefined;
  if (isHigherThan(value, maxHeight)) {
    stream.fail('syntax/too-deep', `expression of more than ${maxHeight} levels`, value.span);
    return undefined;
  }
  return { kind: 'attribute', name: name.text, nameSpan: name.span, value, span: stream.spanFrom(start) };
}

function parseBlock(stream: TokenStream, start: number, name: Name, label: Label | undefined): Block {
  const text = label === undefined ? undefined : labelText(stream, label);
  const open = stream.token.start;
  stream.next();
  const body = parseBody(stream, '}');
  stream.expect('}');
  return {
    kind: 'block',
    name: name.text,
    nameSpan: name.span,
    ...(text ? { label: text, labelSpan: label?.span } : {}),
    body: { ...body, span: stream.spanFrom(open) },
    span: stream.spanFrom(start),
  };
}

function labelText(stream: TokenStream, label: Label): string {
  if (!label.literal.startsWith('"')) {
    const message = `expected block label to be a double quoted string, but got ${JSON.stringify(label.literal)}`;
    stream.fail('syntax/block-label', message, label.span);
  }
  const text = label.literal.slice(1, -1);
  if (text !== '' && !isIdentifier(text)) {
    const message = `expected block label to be a valid identifier, but got ${JSON.stringify(text)}`;
    stream.fail('syntax/block-label', message, label.span, `try "${suggestLabel(text)}"`);
  }
  return text;
}

function suggestLabel(text: string): string {
  const cleaned = text.replaceAll(/[^\p{L}\p{Nd}_]+/gu, '_');
  return isIdentifier(cleaned) ? cleaned : `_${cleaned}`;
}
