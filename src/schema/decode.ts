import { didYouMean } from '../base/did-you-mean.ts';
import { isAllowed, type Stability } from '../base/stability.ts';
import type { Expression } from '../syntax/ast.ts';
import type { Diagnostic, Related, Report } from '../syntax/diagnostic.ts';
import { spanText, type Span } from '../syntax/source.ts';
import { isArray, isObject, later, Unresolved, type Value } from '../syntax/value.ts';
import type { Variant } from './blocks.ts';
import type { SchemaCode } from './codes.ts';
import type { EvaluatedAttribute, EvaluatedBlock, EvaluatedBody } from './evaluated-body.ts';
import type { ArgumentsOf, Attribute, Field, Fields, NestedBlock, Rule, VariantChoice, Variants } from './field.ts';
import { decodeValue, failed, type Failed, type Place, type Surroundings } from './value-type.ts';

/** The result of decoding a body: its arguments, or why there are none. `later` needs values that are not there yet. */
export type Decoded<T> =
  | { readonly status: 'ok'; readonly args: T }
  | { readonly status: 'invalid' }
  | { readonly status: 'later' };

/** Decodes an evaluated body by its fields, and checks all of it: every mistake is reported, not just the first. */
export function decodeBody<F extends Fields>(
  fields: F,
  body: EvaluatedBody,
  surroundings: Surroundings,
  report: Report,
): Decoded<ArgumentsOf<F>> {
  const decoder = new Decoder(surroundings, report);
  const args = decoder.body(fields, body);
  if (args !== failed) return { status: 'ok', args: args as ArgumentsOf<F> };
  return { status: decoder.errors > 0 ? 'invalid' : 'later' };
}

class Decoder {
  errors = 0;
  readonly #surroundings: Surroundings;
  readonly #report: Report;

  constructor(surroundings: Surroundings, report: Report) {
    this.#surroundings = surroundings;
    this.#report = report;
  }

  body(fields: Fields, body: EvaluatedBody): Readonly<Record<string, unknown>> | Failed {
    const before = this.errors;
    this.#reportUnknown(fields, body);
    const args: Record<string, unknown> = {};
    let isWhole = this.errors === before;
    for (const [name, field] of Object.entries(fields)) {
      const value = this.#field(name, field, body);
      if (value === failed) isWhole = false;
      else args[name] = value;
    }
    return isWhole && this.errors === before ? args : failed;
  }

  #field(name: string, field: Field<unknown>, body: EvaluatedBody): unknown {
    switch (field.kind) {
      case 'attribute':
        return this.#attribute(name, field, body);
      case 'block':
        return this.#block(name, field, body);
      default:
        return this.#variants(field, body);
    }
  }

  #attribute(name: string, field: Attribute<unknown>, body: EvaluatedBody): unknown {
    const [attribute, second] = body.attributes.filter((candidate) => candidate.name === name);
    if (attribute === undefined) {
      // A block of that name has been reported as what it should not be.
      if (body.blocks.some((block) => block.name === name)) return failed;
      if (!field.isRequired) return field.fallback;
      return this.#fail('schema/missing-attribute', `missing required attribute "${name}"`, body.span);
    }
    if (second !== undefined) {
      const related = [{ message: 'first given here', span: attribute.nameSpan }];
      const message = `attribute "${name}" may only be provided once`;
      return this.#fail('schema/duplicate-attribute', message, second.nameSpan, undefined, related);
    }
    this.#checkStability(name, field.stability, attribute.nameSpan);
    const place = new AttributePlace(attribute, [], this.#surroundings, (code, message, span) =>
      this.#fail(code, message, span),
    );
    const missing = unresolvedIn(attribute.value);
    if (missing !== undefined) {
      // What is invalid has been reported where it is.
      if (missing !== later) this.errors++;
      return failed;
    }
    if (attribute.value === null) return nullValue(field, place);
    const value = field.type.decode(attribute.value, place);
    if (value === failed) return failed;
    for (const rule of field.rules as readonly Rule<unknown>[]) {
      const problem = rule(value);
      if (problem === undefined) continue;
      const message = problem.startsWith('must ') ? `${name} ${problem}` : problem;
      return this.#fail('schema/value', message, attribute.expression.span);
    }
    return value;
  }

  #block(name: string, field: NestedBlock<unknown>, body: EvaluatedBody): unknown {
    const given = body.blocks.filter((candidate) => candidate.name === name);
    if (field.occurs === 'many') {
      if (given.length < field.atLeast)
        return this.#fail('schema/missing-block', `missing required block "${name}"`, body.span);
      return allOf(given.map((block) => this.#oneBlock(field, block)));
    }
    const [block, second] = given;
    if (block === undefined) {
      if (body.attributes.some((attribute) => attribute.name === name)) return failed;
      if (field.occurs === 'optional') return undefined;
      if (field.occurs === 'defaults') return this.body(field.fields, { span: body.span, attributes: [], blocks: [] });
      return this.#fail('schema/missing-block', `missing required block "${name}"`, body.span);
    }
    if (second !== undefined) {
      const related = [{ message: 'first given here', span: block.nameSpan }];
      const message = `block "${name}" may only be specified once`;
      return this.#fail('schema/duplicate-block', message, second.nameSpan, undefined, related);
    }
    return this.#oneBlock(field, block);
  }

  #oneBlock(field: Pick<NestedBlock<unknown>, 'fields' | 'rules'>, block: EvaluatedBlock): unknown {
    if (block.label !== undefined) {
      const message = `block "${block.name}" does not support specifying labels`;
      this.#fail('schema/label', message, block.labelSpan ?? block.nameSpan);
    }
    const args = this.body(field.fields, block.body);
    if (args === failed) return failed;
    for (const rule of field.rules as readonly Rule<unknown>[]) {
      const problem = rule(args);
      if (problem !== undefined) return this.#fail('schema/arguments', problem, block.body.span);
    }
    return args;
  }

  #variants(field: Variants<unknown>, body: EvaluatedBody): unknown {
    const choices = field.choices();
    const list: (Variant | Failed)[] = [];
    for (const block of body.blocks) {
      if (!Object.hasOwn(choices, block.name)) continue;
      const choice = choices[block.name] as VariantChoice;
      const rules = choice.check === undefined ? [] : [choice.check];
      const args = this.#oneBlock({ fields: choice.fields, rules }, block);
      list.push(args === failed ? failed : { name: block.name, args, span: block.body.span });
    }
    return allOf(list);
  }

  #reportUnknown(fields: Fields, body: EvaluatedBody): void {
    const attributes = names(fields, 'attribute');
    const blocks = names(fields, 'block');
    for (const { name, nameSpan } of body.attributes) {
      if (attributes.has(name)) continue;
      if (blocks.has(name)) {
        const message = `"${name}" must be a block, but is used as an attribute`;
        this.#fail('schema/not-a-block', message, nameSpan, `write ${name} { ... }, without "="`);
      } else {
        const hint = didYouMean(name, attributes);
        this.#fail('schema/unknown-attribute', `unrecognized attribute name "${name}"`, nameSpan, hint);
      }
    }
    for (const { name, nameSpan } of body.blocks) {
      if (blocks.has(name)) continue;
      if (attributes.has(name)) {
        const message = `"${name}" must be an attribute, but is used as a block`;
        this.#fail('schema/not-an-attribute', message, nameSpan, `write ${name} = ...`);
      } else {
        this.#fail('schema/unknown-block', `unrecognized block name "${name}"`, nameSpan, didYouMean(name, blocks));
      }
    }
  }

  #checkStability(name: string, stability: Stability, span: Span): void {
    const minimum = this.#surroundings.minimumStability;
    if (isAllowed(stability, minimum)) return;
    const message = `attribute "${name}" is at stability level "${stability}", which is below the minimum allowed stability level "${minimum}"`;
    this.#fail('schema/stability', message, span, `use --stability.level=${stability} to enable it`);
  }

  #fail(code: SchemaCode, message: string, span: Span, hint?: string, related?: readonly Related[]): Failed {
    this.errors++;
    this.#report({ severity: 'error', code, message, span, hint, related } satisfies Diagnostic);
    return failed;
  }
}

/** Elements of the list unless one of them failed. */
function allOf(list: readonly unknown[]): readonly unknown[] | Failed {
  return list.includes(failed) ? failed : list;
}

function names(fields: Fields, kind: 'attribute' | 'block'): Set<string> {
  const found = new Set<string>();
  for (const [name, field] of Object.entries(fields)) {
    if (field.kind === 'variants' && kind === 'block')
      for (const choice of Object.keys(field.choices())) found.add(choice);
    if (field.kind === kind) found.add(name);
  }
  return found;
}

/** An explicit null means the zero value of the type, and nothing where the attribute is optional without a default. */
function nullValue(field: Attribute<unknown>, place: Place): unknown {
  if (!field.isRequired && field.fallback === undefined) return undefined;
  return decodeValue(field.type, null, place);
}

function unresolvedIn(value: Value): Unresolved | undefined {
  if (value instanceof Unresolved) return value;
  const parts = isArray(value) ? value : isObject(value) ? [...value.values()] : [];
  const found = parts.map(unresolvedIn).filter((part) => part !== undefined);
  return found.find((part) => part !== later) ?? found[0];
}

type Fail = (code: SchemaCode, message: string, span: Span) => Failed;

/** A place inside the value of an attribute. Errors point at the literal that holds it, as far as there is one. */
class AttributePlace implements Place {
  readonly surroundings: Surroundings;
  readonly #attribute: EvaluatedAttribute;
  readonly #path: readonly (string | number)[];
  readonly #fail: Fail;

  constructor(
    attribute: EvaluatedAttribute,
    path: readonly (string | number)[],
    surroundings: Surroundings,
    fail: Fail,
  ) {
    this.#attribute = attribute;
    this.#path = path;
    this.surroundings = surroundings;
    this.#fail = fail;
  }

  child(key: string | number): Place {
    return new AttributePlace(this.#attribute, [...this.#path, key], this.surroundings, this.#fail);
  }

  fail(message: string): Failed {
    const { expression, rest } = locate(this.#attribute.expression, this.#path);
    const suffix = rest.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
    return this.#fail('schema/type', `${shortText(expression)}${suffix} ${message}`, expression.span);
  }
}

/** Follows a path through array and object literals; the rest is what lies inside computed values. */
function locate(
  expression: Expression,
  path: readonly (string | number)[],
): { expression: Expression; rest: readonly (string | number)[] } {
  const [key, ...rest] = path;
  if (expression.kind === 'array' && typeof key === 'number') {
    const element = expression.elements[key];
    if (element !== undefined) return locate(element, rest);
  }
  if (expression.kind === 'object' && typeof key === 'string') {
    const field = expression.fields.findLast((candidate) => candidate.name === key);
    if (field !== undefined) return locate(field.value, rest);
  }
  if (expression.kind === 'parenthesized') return locate(expression.inner, path);
  return { expression, rest: path };
}

/** The text of an expression on one line, cut where it is long. */
function shortText(expression: Expression): string {
  const text = spanText(expression.span).replaceAll(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
