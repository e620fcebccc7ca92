import { fanout } from '../flow/fanout.ts';
import type { Consumer } from '../flow/delivery.ts';
import { Port } from '../flow/port.ts';
import type { Signal } from '../model/signal.ts';
import { decodeBody } from '../schema/decode.ts';
import { evaluateBody } from '../schema/evaluated-body.ts';
import type { ArgumentsOf, Fields } from '../schema/field.ts';
import { receiverType } from '../schema/receiver.ts';
import type { Surroundings } from '../schema/value-type.ts';
import { printDiagnostics } from '../syntax/diagnostic-printer.ts';
import { hasErrors, type Diagnostic } from '../syntax/diagnostic.ts';
import { parse } from '../syntax/parser.ts';
import { Scope } from '../syntax/scope.ts';
import { processEnvironment } from '../syntax/stdlib/environment.ts';
import { standardLibrary } from '../syntax/stdlib/library.ts';
import { Capsule, type Value } from '../syntax/value.ts';

/** What the names in a text stand for. */
export type Names = Readonly<Record<string, Value>>;

const library = new Scope(standardLibrary(processEnvironment('v0.0.0')));

const surroundings: Surroundings = {
  minimumStability: 'experimental',
  connect: (_signal, ports) => fanout(ports),
};

/** A value for outputs: `forward_to = [out]` sends to the consumer if `out` stands for it. */
export function receiverFor<B>(signal: Signal<B>, consumer: Consumer<B>): Value {
  const port = new Port('test', 'receiver', signal);
  port.target = consumer;
  return new Capsule(receiverType(signal), port);
}

/** Decodes the text of a body, as it stands between the braces of a block. Throws if it has mistakes. */
export function argumentsFrom<F extends Fields>(fields: F, text: string, names: Names = {}): ArgumentsOf<F> {
  const { args, problems } = decodeText(fields, text, names);
  if (args === undefined) throw new Error(printDiagnostics(problems, { color: false }));
  return args;
}

/** The messages about the text of a body. */
export function problemsWith(fields: Fields, text: string, names: Names = {}): string[] {
  return decodeText(fields, text, names).problems.map(({ message }) => message);
}

/** Decodes the text of a body; without arguments, the problems say why. */
export function decodeText<F extends Fields>(
  fields: F,
  text: string,
  names: Names,
): { readonly args: ArgumentsOf<F> | undefined; readonly problems: readonly Diagnostic[] } {
  const problems: Diagnostic[] = [];
  const report = (problem: Diagnostic): unknown => problems.push(problem);
  const source = { name: 'test.alloy', text };
  const { file, diagnostics } = parse(source);
  diagnostics.forEach(report);
  const span = { source, start: 0, end: text.length };
  const scope = new Scope(new Map(Object.entries(names)), library);
  const body = evaluateBody(file.body, span, { scope, report });
  const decoded = decodeBody(fields, body, surroundings, report);
  return { args: decoded.status === 'ok' && !hasErrors(problems) ? decoded.args : undefined, problems };
}
