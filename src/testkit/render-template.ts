import assert from 'node:assert/strict';
import { ParseError } from '../base/parse-error.ts';
import { sprig } from '../formats/go-template/functions/sprig.ts';
import { compileTemplate, type GoTemplate } from '../formats/go-template/template.ts';

/** What templates of tests see unless a test has its own. */
export const templateData: Readonly<Record<string, string>> = {
  a: 'alpha',
  b: 'Beta Gamma',
  n: '42',
  f: '3.14',
  e: '',
  j: '{"x":1,"y":[1,2.5,"z",null,true],"z":{"q":"<&>"}}',
  u: 'héllo wörld ✓',
  m: 'l1\nl2\nl3',
  'p-q': 'dash',
};

/** Compiles a template named `t` with the functions of sprig. Throws if it has mistakes. */
export function templateOf(text: string): GoTemplate {
  const template = compileTemplate(text, { name: 't', functions: sprig });
  if (template instanceof ParseError) throw new Error(template.message);
  return template;
}

/** The output of a template, or the message of the error. */
export function render(text: string, data: Readonly<Record<string, string>> = templateData): string {
  const result = templateOf(text).execute({
    get: (field) => (Object.hasOwn(data, field) ? data[field] : undefined),
    all: () => new Map(Object.entries(data)),
  });
  return typeof result === 'string' ? result : result.message;
}

export function assertRenders(cases: readonly (readonly [template: string, output: string])[]): void {
  for (const [template, output] of cases) assert.equal(render(template), output, template);
}

/** Checks what the messages of failing templates say after the place. */
export function assertFails(cases: readonly (readonly [template: string, message: string])[]): void {
  for (const [template, message] of cases) {
    assert.equal(render(template).replace(/^template: t:.*?: executing "\w+" at <.*?>: /s, ''), message, template);
  }
}
