import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Stability } from '../../base/stability.ts';
import { oneLine, type Diagnostic } from '../diagnostic.ts';
import { parse } from '../parser.ts';
import { referencesIn } from '../references.ts';
import { spanText } from '../source.ts';
import { standardLibrary } from './library.ts';
import { checkLibraryUse } from './library-use.ts';

const library = standardLibrary({ variable: () => undefined, hostname: '', os: '', arch: '', version: '' });

function check(text: string, level: Stability = 'generally-available', shadowed: readonly string[] = []): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const references = referencesIn(parse({ name: 'test', text }).file.body);
  checkLibraryUse(references, library, level, (name) => shadowed.includes(name), (diagnostic) => diagnostics.push(diagnostic)); // prettier-ignore
  return diagnostics;
}

test('a deprecated name is a warning that names the new one', () => {
  const [diagnostic, ...others] = check('x = concat([1], env("A"))').filter(({ hint }) => hint === 'use array.concat');
  assert.deepEqual(others, []);
  assert.equal(diagnostic?.severity, 'warning');
  assert.equal(diagnostic.code, 'value/deprecated-function');
  assert.equal(
    oneLine(diagnostic),
    'test:1:5: this stdlib function is deprecated; please refer to the documentation for updated usage and ' +
      'alternatives (use array.concat)',
  );
});

test('an experimental function is an error below its level', () => {
  const [diagnostic, ...others] = check('block {\n\tx = array.combine_maps([], [], ["a"])\n}');
  assert.deepEqual(others, []);
  assert.equal(diagnostic?.severity, 'error');
  assert.equal(diagnostic.code, 'value/stability');
  assert.ok(diagnostic.span !== undefined);
  assert.equal(spanText(diagnostic.span), 'array.combine_maps');
  assert.equal(
    diagnostic.message,
    'array.combine_maps is at stability level "experimental", which is below the minimum allowed stability level ' +
      '"generally-available". Use --stability.level command-line flag to enable "experimental" features',
  );
  assert.equal(check('x = array.group_by([], "a", true)', 'public-preview').length, 1);
  assert.deepEqual(check('x = array.group_by([], "a", true)', 'experimental'), []);
});

test('current and unknown names are fine', () => {
  assert.deepEqual(
    check('x = [array.concat([1]), constants.hostname, prometheus.scrape.a.targets, array.none, array]'),
    [],
  );
});

test('names that something shadows are not those of the library', () => {
  assert.deepEqual(check('x = env("A")', 'generally-available', ['env']), []);
  assert.deepEqual(check('x = array.combine_maps', 'generally-available', ['array']), []);
});
