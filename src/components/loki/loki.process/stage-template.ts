import { compileTemplate, type GoTemplate, type TemplateData } from '../../../formats/go-template/template.ts';
import { parsedType } from '../../../schema/types.ts';
import type { ValueType } from '../../../schema/value-type.ts';
import type { Cursor } from './cursor.ts';
import { textOf } from './extracted.ts';
import type { Slots } from './slots.ts';
import { templateFunctions } from './template-functions.ts';

/** A template of a stage, compiled. `isTextMap` as templates have it. */
export function templateType(options: { readonly isTextMap: boolean }): ValueType<GoTemplate> {
  return parsedType<GoTemplate>({
    name: 'template',
    format: 'go-template',
    parse: (text) => compileTemplate(text, { name: 'pipeline_template', functions: templateFunctions, ...options }),
    encode: ({ source }) => source,
  });
}

type Special = (cursor: Cursor) => string | undefined;

/** What a template of a stage sees: the extracted values that have a text form, and special ones over them. */
export class StageData implements TemplateData {
  /** The entry that the template is for. */
  cursor: Cursor | undefined;
  readonly #slots = new Map<string, number>();
  readonly #specials: ReadonlyMap<string, Special>;

  /** Claims the slots of what the template reads. */
  constructor({ fields, usesWholeData }: GoTemplate, slots: Slots, specials: Readonly<Record<string, Special>>) {
    this.#specials = new Map(Object.entries(specials));
    for (const field of fields) this.#slots.set(field, slots.reads(field));
    if (usesWholeData) slots.readsAll();
  }

  get(field: string): string | undefined {
    const { cursor } = this;
    const slot = this.#slots.get(field);
    if (cursor === undefined) return undefined;
    return this.#specials.get(field)?.(cursor) ?? (slot === undefined ? undefined : textOf(cursor.extracted.get(slot)));
  }

  all(): Map<string, string> {
    const all = new Map<string, string>();
    if (this.cursor === undefined) return all;
    for (const [name, value] of this.cursor.extracted.entries()) {
      const text = textOf(value);
      if (text !== undefined) all.set(name, text);
    }
    for (const [name, read] of this.#specials) {
      const text = read(this.cursor);
      if (text !== undefined) all.set(name, text);
    }
    return all;
  }
}
