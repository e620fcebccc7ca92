import { decodeBody } from '../schema/decode.ts';
import { evaluateBody } from '../schema/evaluated-body.ts';
import type { ArgumentsOf, Fields } from '../schema/field.ts';
import type { Surroundings } from '../schema/value-type.ts';
import { oneLine, type Diagnostic } from '../syntax/diagnostic.ts';
import { parse } from '../syntax/parser.ts';
import { Scope } from '../syntax/scope.ts';

const surroundings: Surroundings = {
  minimumStability: 'experimental',
  connect: () => ({ consume: () => undefined }),
};

/** Decodes the text of a body, as it stands between the braces of a block. Throws if it has mistakes. */
export function argumentsFrom<F extends Fields>(fields: F, text: string): ArgumentsOf<F> {
  const { args, problems } = decodeText(fields, text);
  if (args === undefined) throw new Error(problems.map(oneLine).join('\n'));
  return args;
}

/** The messages about the text of a body. */
export function problemsWith(fields: Fields, text: string): string[] {
  return decodeText(fields, text).problems.map(({ message }) => message);
}

function decodeText<F extends Fields>(
  fields: F,
  text: string,
): { args: ArgumentsOf<F> | undefined; problems: readonly Diagnostic[] } {
  const problems: Diagnostic[] = [];
  const report = (problem: Diagnostic): unknown => problems.push(problem);
  const source = { name: 'test.alloy', text };
  const { file, diagnostics } = parse(source);
  diagnostics.forEach(report);
  const span = { source, start: 0, end: text.length };
  const body = evaluateBody(file.body, span, { scope: new Scope(new Map()), report });
  const decoded = decodeBody(fields, body, surroundings, report);
  return { args: decoded.status === 'ok' ? decoded.args : undefined, problems };
}
