import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { jsonText } from '../../../formats/json/json-text.ts';
import { LogfmtReader } from '../../../formats/logfmt/logfmt.ts';
import { any, entriesOf, recordOf, requestOf } from '../../../testkit/otlp-logs.ts';

type Values = Readonly<Record<string, unknown>>;

const ids = {
  traceId: Buffer.from('01020304000000000000000000000000', 'hex'),
  spanId: Buffer.from('0506070800000000', 'hex'),
};
const example = recordOf({
  ...ids,
  severityText: 'error',
  body: 'Example log',
  attributes: { attr1: '1', attr2: '2' },
});

function withScope(resource: Values, record: Values, format = 'json'): Values {
  const request = requestOf({ ...resource, 'loki.format': format }, record) as { resourceLogs: Values[] };
  const [logs] = request.resourceLogs;
  const scope = { name: 'example-logger-name', version: 'v1' };
  return { resourceLogs: [{ ...logs, scopeLogs: [{ scope, logRecords: [record] }] }] };
}

async function lineOf(request: Values): Promise<string> {
  const [entry] = await entriesOf(request);
  return String(entry?.line);
}

/** The line of a record with that body. */
function lineOfBody(body: unknown, format: string): Promise<string> {
  return lineOf(requestOf({ 'loki.format': format }, recordOf({ body })));
}

test('L16: a JSON line has everything that the record has, in this order', async () => {
  assert.equal(
    await lineOf(withScope({ 'host.name': 'something' }, example)),
    '{"body":"Example log","traceid":"01020304000000000000000000000000","spanid":"0506070800000000",' +
      '"severity":"error","attributes":{"attr1":"1","attr2":"2"},"resources":{"host.name":"something"},' +
      '"instrumentation_scope":{"name":"example-logger-name","version":"v1"}}',
  );
});

test('L17: flags come after the severity', async () => {
  const record = { ...recordOf({ body: 'x' }), severityText: 'error', flags: 1 };
  assert.equal(await lineOf(requestOf({}, record)), '{"body":"x","severity":"error","flags":1}');
});

const jsonBodies: readonly (readonly [body: unknown, line: string])[] = [
  [any.empty, '{}'],
  ['', '{"body":""}'],
  [1, '{"body":1}'],
  [-9223372036854775808n, '{"body":-9223372036854775808}'],
  [1.1, '{"body":1.1}'],
  [1e20, '{"body":100000000000000000000}'],
  [1e21, '{"body":1e+21}'],
  [1e-7, '{"body":1e-7}'],
  [Number.NaN, '{"body":"NaN"}'],
  [-Infinity, '{"body":"-Infinity"}'],
  [true, '{"body":true}'],
  [any.bytes('abc'), '{"body":"YWJj"}'],
  [{ b: any.empty, a: [1, { c: 'd' }, []], ä: {} }, '{"body":{"a":[1,{"c":"d"},[]],"b":null,"ä":{}}}'],
  [
    `<a href="x">&\u2028\u2029\b\f\n\r\t\\\u0001\u007f`,
    String.raw`{"body":"\u003ca href=\"x\"\u003e\u0026\u2028\u2029\b\f\n\r\t\\\u0001` + '\u007f"}',
  ],
];

for (const [body, line] of jsonBodies) {
  test(`L18: a body becomes ${line} in JSON`, async () => {
    assert.equal(await lineOfBody(body, 'json'), line);
  });
}

const logfmtBodies: readonly (readonly [body: unknown, line: string])[] = [
  [any.empty, ''],
  ['', ''],
  ['a', 'a='],
  [1, 'msg=1'],
  [1.1, 'msg=1.1'],
  [1e6, 'msg=1000000'],
  [1_500_000.5, 'msg=1.5000005e+06'],
  [true, 'msg=true'],
  [any.bytes('abc'), 'msg=abc'],
  [['a', 'b'], 'body_0=a body_1=b'],
  [{ key1: 'value', key2: any.empty, keyarr: ['a'], keymap: { key: 'val' } }, 'key1=value keyarr_0=a keymap_key=val'],
  ['msg="hello world"', 'msg="hello world"'],
  ['Example log', 'Example= log='],
  ['one\ntwo=2 three', 'one= two=2 three='],
  ['say "hi"', String.raw`msg="say \"hi\""`],
  ['a==b', 'msg="a==b"'],
  ['null', 'null='],
  ['a=null', 'a=null'],
  [{ a: 'null' }, 'a="null"'],
];

for (const [body, line] of logfmtBodies) {
  test(`L19: a body becomes ${line === '' ? 'nothing' : line} in logfmt`, async () => {
    assert.equal(await lineOfBody(body, 'logfmt'), line);
  });
}

const logfmtRest =
  'traceID=01020304000000000000000000000000 spanID=0506070800000000 severity=error attribute_attr1=1 attribute_attr2=2 ' +
  'resource_host.name=something instrumentation_scope_name=example-logger-name instrumentation_scope_version=v1';

test('L20: a logfmt line has everything that the record has, behind the pairs of the body', async () => {
  const record = { ...example, body: { stringValue: 'msg="hello world"' } };
  const line = await lineOf(withScope({ 'host.name': 'something' }, record, 'logfmt'));
  assert.equal(line, `msg="hello world" ${logfmtRest}`);
});

test('L21: words of a body become keys', async () => {
  const line = await lineOf(withScope({ 'host.name': 'something' }, example, 'logfmt'));
  assert.equal(line, `Example= log= ${logfmtRest}`);
});

test('L22: lists and maps in attributes become keys of their elements', async () => {
  const aslice = [true, { slice: [true, any.empty] }, { nested: 'deeply nested' }];
  const record = recordOf({ attributes: { aslice, 'a b': 1 } });
  assert.equal(
    await lineOf(requestOf({ 'loki.format': 'logfmt', r: { s: 2 } }, record)),
    'attribute_aslice_0=true attribute_aslice_1_slice_0=true attribute_aslice_2_nested="deeply nested" ' +
      'attribute_ab=1 resource_r_s=2',
  );
});

test('what a record has itself takes the place of what a map has under the same key', async () => {
  const body = { severity: 'mine', a: 1, traceID: 'mine' };
  const record = { ...recordOf({ body }), severityText: 'error', flags: 1 };
  const line = await lineOf(requestOf({ 'loki.format': 'logfmt' }, record));
  assert.equal(line, 'severity=error a=1 traceID=mine flags=1');
});

test('the format of the resource counts more than that of the record', async () => {
  const record = recordOf({ body: 'x', attributes: { 'loki.format': 'logfmt' } });
  assert.equal(await lineOf(requestOf({ 'loki.format': 'raw' }, record)), 'x');
  assert.equal(await lineOf(requestOf({}, record)), 'x=');
});

const rawBodies: readonly (readonly [body: unknown, line: string])[] = [
  [any.empty, ''],
  ['a\nb <', 'a\nb <'],
  [1, '1'],
  [true, 'true'],
  [{ b: 1, a: ['x'] }, '{"a":["x"],"b":1}'],
  [any.bytes('abc'), 'YWJj'],
];

for (const [body, line] of rawBodies) {
  test(`a raw body becomes ${JSON.stringify(line)}`, async () => {
    assert.equal(await lineOfBody(body, 'raw'), line);
  });
}

test('of attributes with one key the last one is in a JSON line', async () => {
  const [a, b] = ['1', '2'].map((stringValue) => ({ key: 'k', value: { stringValue } }));
  assert.equal(await lineOf(requestOf({}, { attributes: [b, a] })), '{"attributes":{"k":"1"}}');
});

test('a body of which logfmt can have no key is dropped', async () => {
  assert.deepEqual(await entriesOf(requestOf({ 'loki.format': 'logfmt' }, recordOf({ body: { '"=': 1 } }))), []);
});

test('keys that would make a line thousands of times as long as its record cost that record', async () => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`k${index}`, 1]));
  const body = { ['x'.repeat(100_000)]: many };
  assert.deepEqual(await entriesOf(requestOf({ 'loki.format': 'logfmt' }, recordOf({ body }))), []);
});

const text = fc.string({ unit: 'binary', maxLength: 12 }).map((value) => value.toWellFormed());
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    text,
    fc.boolean(),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Number.isSafeInteger(number)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

test('any body and any attributes become the JSON that Go would write', async () => {
  const property = fc.asyncProperty(
    anyValue,
    fc.dictionary(text, anyValue, { maxKeys: 40, noNullPrototype: true }),
    async (body, attributes) => {
      const named = Object.fromEntries(Object.entries(attributes).map(([key, value]) => [`_${key}`, value]));
      const line = await lineOf(requestOf({}, recordOf({ body, attributes: named })));
      const expected = { body, ...(Object.keys(named).length === 0 ? {} : { attributes: named }) };
      assert.equal(line, goJson(expected, ['body', 'attributes']));
    },
  );
  await fc.assert(property, { numRuns: 150 });
});

test('hostile texts stay in their pairs in logfmt', async () => {
  const property = fc.asyncProperty(text, text, async (key, value) => {
    const record = recordOf({ attributes: { [key]: value } });
    const line = Buffer.from(await lineOf(requestOf({ 'loki.format': 'logfmt' }, record)));
    const reader = new LogfmtReader();
    reader.start(line, 0, line.length);
    assert.ok(reader.next());
    assert.match(reader.key, /^attribute_/);
    assert.equal(reader.value, value);
    assert.ok(!reader.next() && reader.error === undefined);
  });
  await fc.assert(property, { numRuns: 150 });
});

test('records one behind the other become what they become alone', async () => {
  const attributes = fc.dictionary(
    fc.constantFrom('a', 'ab', 'b', 'loki.attribute.labels', 'loki.format', 'level'),
    fc.constantFrom('a', 'b', 'raw', 'json', 'logfmt', 'a=b'),
    { noNullPrototype: true },
  );
  const record = fc.record({
    body: fc.constantFrom('a=b', '', any.empty),
    attributes,
    severityNumber: fc.constantFrom(0, 9, 17),
  });
  const property = fc.asyncProperty(fc.array(record, { maxLength: 6 }), async (all) => {
    // Each attribute list comes twice at least.
    const records = all.flatMap((each) => [recordOf(each), recordOf({ ...each, body: 'same' })]);
    const alone = await Promise.all(records.map((each) => entriesOf(requestOf({ a: 'of resource' }, each))));
    assert.deepEqual(await entriesOf(requestOf({ a: 'of resource' }, ...records)), alone.flat());
  });
  await fc.assert(property, { numRuns: 100 });
});

/** With keys in the order of their bytes, but for those of the outermost object. */
function goJson(value: unknown, order?: readonly string[]): string {
  if (Array.isArray(value)) return `[${value.map((element) => goJson(element)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : jsonText(value);
  const record = value as Values;
  const keys =
    order?.filter((key) => key in record) ??
    Object.keys(record).toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return `{${keys.map((key) => `${jsonText(key)}:${goJson(record[key])}`).join(',')}}`;
}
