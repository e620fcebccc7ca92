import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Labels } from '../model/labels.ts';
import { parse } from '../syntax/parser.ts';
import { Scope } from '../syntax/scope.ts';
import { Secret } from '../syntax/secret.ts';
import { Capsule, fromJson, type Value } from '../syntax/value.ts';
import { any, bool, duration, integer, list, map, secret, string, url } from './attributes.ts';
import { block, blocks, variants } from './blocks.ts';
import { encodeBody, encodeFields, encodeValue, type StatementJson } from './encode.ts';
import { evaluateBody, type EvaluatedBody } from './evaluated-body.ts';
import { targetCapsule } from './targets.ts';
import { secretType, stringType } from './types.ts';

const names = new Map<string, Value>([
  ['hidden', new Secret('hunter2')],
  ['formatted', new Secret('hunter2', true)],
]);

function bodyOf(text: string): EvaluatedBody {
  const source = { name: 'test', text };
  const { file, diagnostics } = parse(source);
  assert.deepEqual(diagnostics, []);
  return evaluateBody(file.body, { source, start: 0, end: 0 }, { scope: new Scope(names), report: noReport });
}

const fields = {
  url: url('').optional(),
  timeout: duration('').default(60_000),
  size: integer('').default(3),
  flag: bool('').default(false),
  password: secret('').optional(),
  headers: map('', secretType).default(new Map()),
  list: list('', stringType).default([]),
  text: string('').optional(),
  any: any('').optional(),
  auth: block('', { key: secret('') }).optional(),
  endpoint: blocks('', { name: string('') }),
  stages: variants('', () => ({ 'stage.a': { doc: '', fields: { x: string('') } } })),
};

function noReport(): void {}

function attr(name: string, type: string, value: unknown): unknown {
  return { name, type: 'attr', value: { type, value } };
}

const hidden = { type: 'capsule', value: '(secret)' };

const cases: readonly [text: string, statements: readonly unknown[]][] = [
  ['', []],
  ['timeout = "1m"\nsize = 3\nflag = false\nlist = []\nheaders = {}', []],
  ['timeout = "90s"', [attr('timeout', 'string', '1m30s')]],
  ['flag = true\nsize = 4', [attr('size', 'number', 4), attr('flag', 'bool', true)]],
  ['list = ["a"]', [attr('list', 'array', [{ type: 'string', value: 'a' }])]],
  ['password = "hunter2"', [attr('password', 'capsule', '(secret)')]],
  ['password = hidden', [attr('password', 'capsule', '(secret)')]],
  ['text = formatted', [attr('text', 'capsule', '(secret)')]],
  [
    'headers = {"b" = "hunter2", "a" = hidden}',
    [
      attr('headers', 'object', [
        { key: 'a', value: hidden },
        { key: 'b', value: hidden },
      ]),
    ],
  ],
  [
    'any = {"b" = [1, null], "a" = hidden}',
    [
      attr('any', 'object', [
        { key: 'a', value: hidden },
        {
          key: 'b',
          value: {
            type: 'array',
            value: [
              { type: 'number', value: 1 },
              { type: 'null', value: null },
            ],
          },
        },
      ]),
    ],
  ],
  ['list = [formatted, "b"]', [attr('list', 'array', [hidden, { type: 'string', value: 'b' }])]],
  ['auth {\n key = "hunter2"\n}', [{ name: 'auth', type: 'block', body: [attr('key', 'capsule', '(secret)')] }]],
  [
    'endpoint {\n name = "b"\n}\nendpoint {\n name = "a"\n}',
    [
      { name: 'endpoint', type: 'block', body: [attr('name', 'string', 'b')] },
      { name: 'endpoint', type: 'block', body: [attr('name', 'string', 'a')] },
    ],
  ],
  ['stage.a {\n x = "1"\n}', [{ name: 'stage.a', type: 'block', body: [attr('x', 'string', '1')] }]],
];
for (const [text, statements] of cases) {
  test(`the arguments ${JSON.stringify(text)} are shown with what differs from the defaults`, () => {
    const encoded: readonly StatementJson[] = encodeBody(fields, bodyOf(text));
    assert.deepEqual(encoded, statements);
    assert.doesNotMatch(JSON.stringify(encoded), /hunter2/);
  });
}

test('targets are shown as objects, other capsules as text', () => {
  const target = new Capsule(targetCapsule, Labels.fromRecord({ b: '2', a: '1' }));
  assert.deepEqual(encodeValue(target), {
    type: 'object',
    value: [
      { key: 'a', value: { type: 'string', value: '1' } },
      { key: 'b', value: { type: 'string', value: '2' } },
    ],
  });
  const capsule = new Capsule({ name: 'x', show: () => 'shown' }, null);
  assert.deepEqual(encodeValue(capsule), { type: 'capsule', value: 'shown' });
});

test('numbers are float64, and exports are attributes', () => {
  assert.deepEqual(
    encodeFields(
      new Map<string, Value>([
        ['a', 2n],
        ['b', fromJson({ c: 1.5 })],
      ]),
    ),
    [attr('a', 'number', 2), attr('b', 'object', [{ key: 'c', value: { type: 'number', value: 1.5 } }])],
  );
});
