import { test } from 'node:test';
import { assertRenders } from '../../../testkit/render-template.ts';

test('JSON is read', () => {
  assertRenders([
    ['{{ fromJson .j }}', 'map[x:1 y:[1 2.5 z <nil> true] z:map[q:<&>]]'],
    ['{{ (fromJson .j).x }}', '1'],
    ['{{ (fromJson .j).z.q }}', '<&>'],
    ['{{ fromJson "nope" }}', '<no value>'],
    ['{{ fromJson "3" }}', '3'],
    ['{{ (fromJson .j).y }}', '[1 2.5 z <nil> true]'],
    ['{{ index (fromJson .j).y 1 }}', '2.5'],
    ['{{ fromJson "\\"\\\\ud800\\"" }}', '�'],
    ['{{ mustFromJson "[1]" }}', '[1]'],
  ]);
});

test('JSON is written', () => {
  assertRenders([
    [
      '{{ toJson (dict "b" 1 "a" (list 1.0 2.5 nil true "<x>&")) }}',
      '{"a":[1,2.5,null,true,"\\u003cx\\u003e\\u0026"],"b":1}',
    ],
    ['{{ toRawJson (dict "a" "<x>&") }}', '{"a":"<x>&"}'],
    [
      '{{ toJson . }}',
      '{"a":"alpha","b":"Beta Gamma","e":"","f":"3.14","j":"{\\"x\\":1,\\"y\\":[1,2.5,\\"z\\",null,true],\\"z\\":{\\"q\\":\\"\\u003c\\u0026\\u003e\\"}}","m":"l1\\nl2\\nl3","n":"42","p-q":"dash","u":"héllo wörld ✓"}',
    ],
    ['{{ toJson "é\\u2028\\n\\t\\u0001" }}', '"é\\u2028\\n\\t\\u0001"'],
    ['{{ toRawJson "\\u2028<" }}', '"\\u2028<"'],
    ['{{ toJson 1e21 }}', '1e+21'],
    ['{{ toJson 1e-7 }}', '1e-7'],
    ['{{ toJson 1.0 }}', '1'],
    ['{{ toJson 123456789.0 }}', '123456789'],
    ['{{ toJson nil }}', 'null'],
    ['{{ toJson .missing }}', 'null'],
    ['{{ toJson (float64 "inf") }}', ''],
    ['{{ mustToJson list }}', '[]'],
  ]);
});

test('JSON is written with lines', () => {
  assertRenders([
    [
      '{{ toPrettyJson (dict "a" 1 "b" (list 1 2) "c" (dict) "d" list "e" (list (dict "x" "<"))) }}',
      '{\n  "a": 1,\n  "b": [\n    1,\n    2\n  ],\n  "c": {},\n  "d": [],\n  "e": [\n    {\n      "x": "\\u003c"\n    }\n  ]\n}',
    ],
    ['{{ mustToPrettyJson 1 }}', '1'],
  ]);
});
