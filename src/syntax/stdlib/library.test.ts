import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { evaluate } from '../evaluate.ts';
import { parse } from '../parser.ts';
import { Scope } from '../scope.ts';
import { Secret } from '../secret.ts';
import {
  Capsule,
  invalid,
  isArray,
  isObject,
  later,
  type CapsuleType,
  type ObjectValue,
  type Value,
} from '../value.ts';
import { standardLibrary } from './library.ts';

const variables = new Map([
  ['HOME', '/home/someone'],
  ['EMPTY', ''],
]);

const library = standardLibrary({
  variable: (name) => variables.get(name),
  hostname: 'host-1',
  os: 'linux',
  arch: 'amd64',
  version: 'v1.2.3',
});

const targetType: CapsuleType<ObjectValue> = {
  name: 'target',
  show: (fields) => `{${[...fields.keys()].join(', ')}}`,
  entries: (fields) => fields,
};
const receiverType: CapsuleType<number> = { name: 'logs receiver', show: () => 'receiver' };

const target = new Capsule(targetType, new Map([['__address__', 'a:1']]));
const receiver = new Capsule(receiverType, 1);

const scope = new Scope(
  new Map<string, Value>([
    ['target', target],
    ['no_target', new Capsule(targetType, new Map())],
    ['receiver', receiver],
    ['secret', new Secret('s3cret')],
    ['no_secret', new Secret('')],
    ['later', later],
    ['not_a_number', Number.NaN],
    ['infinite', Infinity],
  ]),
  new Scope(library),
);

interface Outcome {
  readonly value: Value;
  readonly errors: readonly string[];
}

function run(expression: string, names = scope): Outcome {
  const errors: string[] = [];
  const { file, diagnostics } = parse({ name: 'test', text: `x = ${expression}` });
  const [statement] = file.body.statements;
  assert.ok(statement?.kind === 'attribute' && diagnostics.length === 0, `${expression} does not parse`);
  const value = evaluate(statement.value, { scope: names, report: ({ message }) => errors.push(message) });
  return { value, errors };
}

/** A value with its objects as plain ones. */
function plain(value: Value): unknown {
  if (isArray(value)) return value.map(plain);
  if (isObject(value)) return Object.fromEntries(value.entries().map(([key, field]) => [key, plain(field)]));
  return value;
}

function yields(cases: readonly [expression: string, value: unknown][]): void {
  for (const [expression, expected] of cases) {
    const { value, errors } = run(expression);
    assert.deepEqual(errors, [], expression);
    assert.deepEqual(plain(value), expected, expression);
  }
}

/** Each expression has exactly one error, with this message. */
function fails(cases: readonly [expression: string, message: string][]): void {
  for (const [expression, message] of cases) assert.deepEqual(run(expression).errors, [message], expression);
}

/** Each expression yields a secret of this text, which may become an ordinary string or not. */
function yieldsSecret(cases: readonly [expression: string, text: string, isConvertible: boolean][]): void {
  for (const [expression, text, isConvertible] of cases) {
    const { value } = run(expression);
    assert.ok(value instanceof Secret, `${expression} is not secret`);
    assert.deepEqual([value.reveal(), value.isConvertible], [text, isConvertible], expression);
  }
}

test('array.concat joins lists and leaves their elements alone', () => {
  yields([
    ['array.concat()', []],
    ['array.concat([1, "a"])', [1n, 'a']],
    ['array.concat([1], [], [[2], null])', [1n, [2n], null]],
    ['array.concat([target], [target])', [target, target]],
  ]);
  fails([
    ['array.concat([1], "a")', '"a" should be array, got string'],
    ['array.concat(null)', 'null should be array, got null'],
  ]);
});

test('array.combine_maps merges the objects that agree on all keys', () => {
  const left = '[{k = "a", l = 1}, {k = "b", l = 2}]';
  yields([
    [`array.combine_maps(${left}, [{k = "a", r = 3}], ["k"])`, [{ k: 'a', l: 1n, r: 3n }]],
    [`array.combine_maps(${left}, [{k = "a", l = 9}], ["k"])`, [{ k: 'a', l: 9n }]],
    [
      `array.combine_maps(${left}, [{k = "b", r = 1}, {k = "a", r = 2}, {k = "b", r = 3}], ["k"])`,
      [
        { k: 'a', l: 1n, r: 2n },
        { k: 'b', l: 2n, r: 1n },
        { k: 'b', l: 2n, r: 3n },
      ],
    ],
    ['array.combine_maps([{a = 1, b = 2}], [{a = 1, b = 3}], ["a", "b"])', []],
    ['array.combine_maps([{a = 1}], [{b = 1}], ["a"])', []],
    ['array.combine_maps([{b = 1}], [{c = 1}], ["a"])', []],
    ['array.combine_maps([target], [{__address__ = "a:1", r = 1}], ["__address__"])', [{ __address__: 'a:1', r: 1n }]],
  ]);
});

test('array.combine_maps tells the types of values apart', () => {
  yields([
    ['array.combine_maps([{a = 1}], [{a = "1"}], ["a"])', []],
    ['array.combine_maps([{a = 1}], [{a = 1.0}], ["a"])', []],
    ['array.combine_maps([{a = null}], [{a = null}], ["a"])', [{ a: null }]],
    ['array.combine_maps([{a = [1, 2]}], [{a = [1, 2], b = 1}, {a = [2]}], ["a"])', [{ a: [1n, 2n], b: 1n }]],
    ['array.combine_maps([{a = {b = 1}}], [{a = {b = 1}}, {a = {b = 2}}], ["a"])', [{ a: { b: 1n } }]],
    ['array.combine_maps([{a = "x\\" string y", b = "z"}], [{a = "x", b = "y\\" string z"}], ["a", "b"])', []],
  ]);
});

test('array.combine_maps keeps each left object without a match once with passthrough', () => {
  yields([
    ['array.combine_maps([{a = 1}], [], ["a"], true)', [{ a: 1n }]],
    ['array.combine_maps([{a = 1}], [{a = 2}, {a = 3}], ["a"], true)', [{ a: 1n }]],
    ['array.combine_maps([{a = 1}, {a = 2}], [{a = 2, b = 1}, {a = 3}], ["a"], true)', [{ a: 1n }, { a: 2n, b: 1n }]],
    ['array.combine_maps([{a = 1}], [{a = 2}], ["a"], false)', []],
  ]);
});

test('array.combine_maps refuses wrong arguments', () => {
  fails([
    ['array.combine_maps([], [], [])', 'array.combine_maps: merge conditions must not be empty'],
    ['array.combine_maps([], [])', 'array.combine_maps: expected 3 to 4 args, got 2'],
    ['array.combine_maps([1], [], ["a"])', '[1] element 0 should be object, got number'],
    ['array.combine_maps([], [{}, receiver], ["a"])', '[{}, receiver] element 1 should be object, got capsule'],
    ['array.combine_maps([], [], [true])', '[true] element 0 should be string, got bool'],
  ]);
});

test('array.group_by groups in the order in which values first appear', () => {
  const values = '[{k = "b", n = 1}, {k = "a"}, {n = 2}, {k = "b", n = 3}]';
  yields([
    [
      `array.group_by(${values}, "k", true)`,
      [
        {
          k: 'b',
          items: [
            { k: 'b', n: 1n },
            { k: 'b', n: 3n },
          ],
        },
        { k: 'a', items: [{ k: 'a' }] },
      ],
    ],
    [
      `array.group_by(${values}, "k", false)`,
      [
        {
          k: 'b',
          items: [
            { k: 'b', n: 1n },
            { k: 'b', n: 3n },
          ],
        },
        { k: 'a', items: [{ k: 'a' }] },
        { k: '', items: [{ n: 2n }] },
      ],
    ],
    ['array.group_by([], "k", true)', []],
  ]);
  fails([
    ['array.group_by([{k = 1}], "k", true)', 'array.group_by: field "k" of element 0 should be string, got number'],
    [
      'array.group_by([{k = secret}], "k", true)',
      'array.group_by: field "k" of element 0 should be string, got capsule',
    ],
    ['array.group_by([], "k")', 'array.group_by: expected 3 args, got 2'],
    ['array.group_by([1], "k", true)', '[1] element 0 should be object, got number'],
  ]);
});

test('convert.nonsensitive yields the text of secrets and strings', () => {
  yields([
    ['convert.nonsensitive(secret)', 's3cret'],
    ['convert.nonsensitive("open")', 'open'],
    ['convert.nonsensitive(1)', '1'],
    ['convert.nonsensitive(string.to_upper(secret))', 'S3CRET'],
  ]);
  fails([['convert.nonsensitive([])', '[] should be string, got array']]);
});

test('encoding.from_json gives floats, and integers where a float would not be exact', () => {
  yields([
    [
      'encoding.from_json(`{"a": 1, "b": [1.0, 1e2, -3, true, null, "x"]}`)',
      { a: 1, b: [1, 100, -3, true, null, 'x'] },
    ],
    ['encoding.from_json("9007199254740993")', 9007199254740993n],
    ['encoding.from_json("18446744073709551615")', 18446744073709551615n],
    ['encoding.from_json("18446744073709551616")', 18446744073709551616],
    ['encoding.from_json("null")', null],
    ['encoding.from_json(`{"": {"__proto__": 1}}`)', { '': Object.fromEntries([['__proto__', 1]]) }],
    ['encoding.from_json(`{"a": 1, "a": 2}`).a', 2],
  ]);
  fails([
    [
      'encoding.from_json("{\\na")',
      "encoding.from_json: invalid JSON: Expected property name or '}' in JSON at position 2 (line 2 column 1)",
    ],
    ['encoding.from_json("")', 'encoding.from_json: invalid JSON: Unexpected end of JSON input'],
    ['encoding.from_json([1])', '[1] should be string, got array'],
  ]);
});

test('JSON that is nested too deeply is refused', () => {
  for (const levels of [501, 3000, 100_000]) {
    fails([
      [
        `encoding.from_json("${'['.repeat(levels)}${']'.repeat(levels)}")`,
        'encoding.from_json: invalid JSON: too deeply nested',
      ],
    ]);
  }
});

test('encoding.from_yaml reads YAML 1.2', () => {
  yields([
    [
      'encoding.from_yaml("a: 1\\nb: [x, 2.5, yes, 2001-12-14]\\n3: ~")',
      { a: 1n, b: ['x', 2.5, 'yes', '2001-12-14'], 3: null },
    ],
    ['encoding.from_yaml("")', null],
  ]);
  fails([
    [
      'encoding.from_yaml("a: b: c")',
      'encoding.from_yaml: invalid YAML: Nested mappings are not allowed in compact mappings at line 1, column 4',
    ],
  ]);
});

test('encoding.to_json writes any value, with sorted keys', () => {
  yields([
    ['encoding.to_json({b = 1, a = [1.5, 2.0, true, null, "x"]})', '{"a":[1.5,2,true,null,"x"],"b":1}'],
    ['encoding.to_json("<a&b>\\u2028\\n\\"")', String.raw`"\u003ca\u0026b\u003e\u2028\n\""`],
    ['encoding.to_json(9007199254740993)', '9007199254740993'],
    ['encoding.to_json(1e21)', '1e+21'],
    ['encoding.to_json({"😀" = 1, "\uff5e" = 2})', '{"\uff5e":2,"😀":1}'],
    ['encoding.to_json(target)', '{"__address__":"a:1"}'],
    ['encoding.to_json(null)', 'null'],
    ['encoding.to_json([])', '[]'],
    ['encoding.to_json({})', '{}'],
  ]);
  fails([
    ['encoding.to_json(receiver)', 'encoding.to_json: cannot write a capsule as JSON'],
    ['encoding.to_json([coalesce])', 'encoding.to_json: cannot write a function as JSON'],
    ['encoding.to_json({a = not_a_number})', 'encoding.to_json: cannot write NaN as JSON'],
    ['encoding.to_json([infinite])', 'encoding.to_json: cannot write +Inf as JSON'],
  ]);
});

test('Base64 is decoded to text', () => {
  yields([
    ['encoding.from_base64("aGVsbG8=")', 'hello'],
    ['encoding.from_base64("aGVs\\nbG8=")', 'hello'],
    ['encoding.from_base64("")', ''],
    ['encoding.from_base64("77u/YQ==")', '\ufeffa'],
    ['encoding.from_base64("Pz8/Pj4+")', '???>>>'],
    ['encoding.from_URLbase64("Pz8_Pj4-")', '???>>>'],
    ['encoding.from_base64("aGVsbG8=") + "!"', 'hello!'],
  ]);
  fails([
    ['encoding.from_base64("aGk")', 'encoding.from_base64: illegal base64 data: wrong padding'],
    ['encoding.from_base64("aGk==")', 'encoding.from_base64: illegal base64 data: wrong padding'],
    ['encoding.from_base64("aG*=")', 'encoding.from_base64: illegal base64 data at character 3'],
    ['encoding.from_base64("YQ==YQ==")', 'encoding.from_base64: illegal base64 data at character 3'],
    ['encoding.from_base64("Pz8_Pj4-")', 'encoding.from_base64: illegal base64 data at character 4'],
    ['encoding.from_URLbase64("Pz8/Pj4+")', 'encoding.from_URLbase64: illegal base64 data at character 4'],
    ['encoding.from_base64("/w==")', 'encoding.from_base64: the decoded bytes are not valid UTF-8 text'],
  ]);
});

test('text is encoded as Base64', () => {
  yields([
    ['encoding.to_base64("???>>>é")', 'Pz8/Pj4+w6k='],
    ['encoding.to_URLbase64("???>>>é")', 'Pz8_Pj4-w6k='],
  ]);
});

test('URL escapes are those of queries', () => {
  yields([
    ['encoding.url_encode("a b&c=d/é~-_.!\'()*+%")', 'a+b%26c%3Dd%2F%C3%A9~-_.%21%27%28%29%2A%2B%25'],
    ['encoding.url_decode("a+b%2Bc%C3%A9é%25")', 'a b+céé%'],
  ]);
  fails([
    ['encoding.url_decode("a%zz")', 'encoding.url_decode: invalid URL escape "%zz"'],
    ['encoding.url_decode("a%2")', 'encoding.url_decode: invalid URL escape "%2"'],
    ['encoding.url_decode("%")', 'encoding.url_decode: invalid URL escape "%"'],
    ['encoding.url_decode("%ff")', 'encoding.url_decode: the decoded bytes are not valid UTF-8 text'],
  ]);
});

test('every text survives its encodings', () => {
  const roundTrips = [
    'encoding.from_base64(encoding.to_base64(text))',
    'encoding.from_URLbase64(encoding.to_URLbase64(text))',
    'encoding.url_decode(encoding.url_encode(text))',
    'encoding.from_json(encoding.to_json(text))',
  ];
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.constantFrom(...roundTrips), (text, expression) => {
      assert.deepEqual(run(expression, new Scope(new Map([['text', text]]), scope)), { value: text, errors: [] });
    }),
  );
});

test('file.path_join cleans the path', () => {
  yields([
    ['file.path_join()', ''],
    ['file.path_join("", "")', ''],
    ['file.path_join("a", "..", "b")', 'b'],
    ['file.path_join("a", "..")', '.'],
    ['file.path_join("/a", "", "../../b/")', '/b'],
    ['file.path_join("/")', '/'],
    ['file.path_join("a//b", ".", 1)', 'a/b/1'],
  ]);
});

test('json_path selects values from a JSON text', () => {
  const json = '`{"items": [{"a": "x", "n": 9007199254740993}, {"a": "y", "n": 2.0}], "b-c": {"d": null}}`';
  yields([
    [`json_path(${json}, "$.items[0].n")`, [9007199254740993n]],
    [`json_path(${json}, "items[*].a")`, ['x', 'y']],
    [`json_path(${json}, ".items[-1].n")`, [2]],
    [`json_path(${json}, "['b-c'].d")`, [null]],
    [`json_path(${json}, "$..a")`, ['x', 'y']],
    [`json_path(${json}, "$.items[0:1].a")`, ['x']],
    [`json_path(${json}, "$.items[0]['a','n']")`, ['x', 9007199254740993n]],
    ['json_path(' + json + ', `$.items[?(@.a == "x")].n`)', [9007199254740993n]],
    [`json_path(${json}, "$.items[?(@.n < 3)].a")`, ['y']],
    [`json_path(${json}, "$.items[0]")`, [{ a: 'x', n: 9007199254740993n }]],
    [`json_path(${json}, "$.none")`, []],
    [`json_path(${json}, "$.toString")`, []],
    ['json_path("[1, 2]", "$[*]")', [1n, 2n]],
  ]);
});

test('json_path refuses invalid JSON and paths', () => {
  fails([
    [
      'json_path("{", "$.a")',
      "json_path: invalid JSON: Expected property name or '}' in JSON at position 1 (line 1 column 2)",
    ],
    ['json_path("{}", "$.a[")', `json_path: invalid path "$.a[": unclosed bracketed selection ('$.a[':4)`],
  ]);
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...Array.from('$.@*[]?()\'"=<&|!a10:,- ')), maxLength: 20 }),
      (path) => {
        void run(`json_path("[{}]", ${JSON.stringify(path)})`);
      },
    ),
  );
});

test('a path may select more values than a call can have arguments', () => {
  const json = `[${'1,'.repeat(200_000)}1]`;
  const { value } = run(`json_path("${json}", "$[*]")`);
  assert.equal(isArray(value) && value.length, 200_001);
});

test('string functions work on characters', () => {
  yields([
    ['string.join(["a", 1, "b"], "-")', 'a-1-b'],
    ['string.join([], "-")', ''],
    ['string.join(null, "-")', ''],
    ['string.replace("a.b.c", ".", "$&")', 'a$&b$&c'],
    ['string.replace("a😀", "", "-")', '-a-😀-'],
    ['string.replace("", "", "x")', 'x'],
    ['string.replace("abc", "x", "y")', 'abc'],
    ['string.split("a,b,", ",")', ['a', 'b', '']],
    ['string.split("", ",")', ['']],
    ['string.split("", "")', []],
    ['string.split("aé😀", "")', ['a', 'é', '😀']],
    ['string.to_lower("ABC ΟΔΟΣ")', 'abc οδοσ'],
    ['string.to_upper("abc straße ñ")', 'ABC STRAßE Ñ'],
    ['string.trim("¡¡Hello!!", "!¡")', 'Hello'],
    ['string.trim("aaa", "a")', ''],
    ['string.trim("abc", "")', 'abc'],
    ['string.trim_prefix("aab", "a")', 'ab'],
    ['string.trim_suffix("baa", "a")', 'ba'],
    ['string.trim_suffix("abc", "")', 'abc'],
    ['string.trim_space("\\u0085\\u00a0 \\t x y \\u2003\\n")', 'x y'],
    ['string.trim_space("\\ufeffx")', '\ufeffx'],
    ['string.to_upper(null)', ''],
  ]);
  fails([
    ['string.to_upper([])', '[] should be string, got array'],
    ['string.split("a")', 'string.split: expected 2 args, got 1'],
    ['string.join("a", ",")', '"a" should be array, got string'],
    ['string.join([["a"]], ",")', '[["a"]] element 0 should be string, got array'],
  ]);
});

test('trimming takes linear time', () => {
  const text = `${'x'.repeat(10)}${' '.repeat(200_000)}x`;
  yields([[`string.trim_space("${text}")`, text]]);
});

test('string.format works like printf of Go', () => {
  yields([
    ['string.format("%s-%03d %v %.1f", "a", 7, [1, "b"], 2.25)', 'a-007 [1 b] 2.2'],
    ['string.format("%d", "hi")', '%!d(string=hi)'],
    ['string.format("plain")', 'plain'],
    ['string.format("%v", target)', '{__address__}'],
    ['string.format("%v", string.join)', 'string.join'],
  ]);
  fails([['string.format()', 'string.format: expected at least 1 args, got 0']]);
});

test('a result that is too long for a string is an error', () => {
  const long = 'a'.repeat(30_000);
  fails([[`string.replace("${long}", "a", "${long}")`, 'string.replace: arguments or result are too large']]);
});

test('sys.env yields an empty string for variables that are not set', () => {
  yields([
    ['sys.env("HOME")', '/home/someone'],
    ['sys.env("EMPTY")', ''],
    ['sys.env("MISSING")', ''],
  ]);
});

test('coalesce yields the first argument that is not empty', () => {
  yields([
    ['coalesce()', null],
    ['coalesce(null, "", 0, 0.0, false, [], {}, "x", "y")', 'x'],
    ['coalesce("", 0)', 0n],
    ['coalesce("", null)', null],
    ['coalesce("", [])', []],
    ['coalesce(no_target, target)', target],
    ['coalesce(no_secret, "x")', 'x'],
    ['coalesce(receiver, "x")', receiver],
    ['coalesce(0.1, 1)', 0.1],
    ['coalesce([0])', [0n]],
  ]);
  yieldsSecret([['coalesce("", secret)', 's3cret', false]]);
});

test('constants describe where the process runs', () => {
  yields([['constants', { hostname: 'host-1', os: 'linux', arch: 'amd64', version: 'v1.2.3' }]]);
});

test('deprecated names are the same functions', () => {
  yields([
    ['env("HOME")', '/home/someone'],
    ['nonsensitive(secret)', 's3cret'],
    ['concat([1], [2])', [1n, 2n]],
    ['json_decode("[1]")', [1]],
    ['yaml_decode("a: 1")', { a: 1n }],
    ['base64_decode("aGk=")', 'hi'],
    ['format("%d", 1)', '1'],
    ['join(["a", "b"], "-")', 'a-b'],
    ['replace("a", "a", "b")', 'b'],
    ['split("a-b", "-")', ['a', 'b']],
    ['to_lower("A")', 'a'],
    ['to_upper("a")', 'A'],
    ['trim("-a-", "-")', 'a'],
    ['trim_prefix("-a", "-")', 'a'],
    ['trim_suffix("a-", "-")', 'a'],
    ['trim_space(" a ")', 'a'],
  ]);
  fails([['env()', 'env: expected 1 args, got 0']]);
});

test('what a function makes of a secret is secret', () => {
  yieldsSecret([
    ['string.to_upper(secret)', 'S3CRET', false],
    ['string.join(["a", secret], "-")', 'a-s3cret', false],
    ['string.replace("a-b", "-", secret)', 'as3cretb', false],
    ['string.split(secret, "3")[1]', 'cret', false],
    ['encoding.to_base64(secret)', 'czNjcmV0', false],
    ['encoding.from_base64(encoding.to_base64(secret))', 's3cret', false],
    ['encoding.url_encode(secret)', 's3cret', false],
    ['file.path_join("/run", secret)', '/run/s3cret', false],
    ['sys.env(secret)', '', false],
    ['encoding.from_yaml(string.join(["a", secret], ": ")).a', 's3cret', false],
    ['json_path(string.join([`["`, secret, `"]`], ""), "$[0]")[0]', 's3cret', false],
    ['array.concat([secret])[0]', 's3cret', false],
    ['array.combine_maps([{a = 1, b = secret}], [{a = 1}], ["a"])[0].b', 's3cret', false],
    ['array.group_by([{a = "x", b = secret}], "a", true)[0].items[0].b', 's3cret', false],
    // Alloy lets these become ordinary strings.
    ['string.format("Bearer %s", secret)', 'Bearer s3cret', true],
    ['encoding.to_json({password = [secret]})', '{"password":["s3cret"]}', true],
  ]);
});

test('errors do not tell secrets', () => {
  fails([
    ['encoding.from_json(secret)', 'encoding.from_json: the arguments were rejected, and hold a secret'],
    ['encoding.url_decode("%" + secret)', 'encoding.url_decode: the arguments were rejected, and hold a secret'],
  ]);
});

test('functions of values that are not there are not called', () => {
  assert.deepEqual(run('string.format("%v", [later])'), { value: later, errors: [] });
  assert.deepEqual(run('coalesce(missing)').value, invalid);
});

test('every function is documented in whole sentences', () => {
  const functions = library.values().flatMap((value) => (isObject(value) ? value.values() : [value]));
  let count = 0;
  for (const value of functions) {
    if (typeof value !== 'object' || value === null || !('call' in value)) continue;
    count++;
    assert.match(value.doc, /^[A-Z].*\.$/, value.name);
  }
  assert.equal(count, 43);
});
