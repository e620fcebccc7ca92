import assert from 'node:assert/strict';
import { test } from 'node:test';
import protobuf from 'protobufjs';
import { otlpMessage } from '../../testkit/otlp-reference.ts';
import { enums, messages, type EnumName, type Field } from './message-types.ts';

/** How a field is written, which is all that the definitions tell of some types. */
function written({ type }: Field): string {
  if (type === 'trace id' || type === 'span id') return 'bytes';
  return type in enums ? 'int32' : type;
}

test('the messages have the fields of the definitions', () => {
  for (const { name, fields } of messages) {
    const wanted = otlpMessage(name === 'Buckets' || name === 'ValueAtQuantile' ? `${parents[name]}.${name}` : name)
      .fieldsArray.map((field) => field.resolve())
      .filter((field) => field.id !== 1000)
      .map((field) => ({
        name: field.name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        number: field.id,
        type: field.resolvedType instanceof protobuf.Enum ? 'int32' : field.type.replace(/^.*\./, ''),
        isRepeated: field.repeated,
        isPresent: field.partOf !== null,
      }))
      .toSorted((a, b) => a.number - b.number);
    const own = fields.map((field) => ({
      name: field.name,
      number: field.number,
      type: written(field),
      isRepeated: field.presence === 'repeated',
      isPresent: field.presence === 'one of' || field.presence === 'optional',
    }));
    assert.deepEqual(own, wanted, name);
  }
});

const parents = { Buckets: 'ExponentialHistogramDataPoint', ValueAtQuantile: 'SummaryDataPoint' };

test('the values of enums have the names of the definitions', () => {
  const cases: readonly [name: EnumName, values: Readonly<Record<string, number>>, prefix: string][] = [
    ['SpanKind', otlpMessage('Span').lookupEnum('Kind').values, 'SPAN_KIND_'],
    ['StatusCode', otlpMessage('Status').lookupEnum('Code').values, 'STATUS_CODE_'],
    ['AggregationTemporality', otlpMessage('Sum').lookupEnum('Temporality').values, 'AGGREGATION_TEMPORALITY_'],
  ];
  for (const [name, values, prefix] of cases) {
    const wanted = Object.keys(values).map((value) => prefix + value.replace('TEMPORALITY_', ''));
    assert.deepEqual(enums[name], wanted);
    assert.deepEqual(Object.values(values), [...wanted.keys()]);
  }
  // The definitions have these as numbers.
  assert.equal(enums.SeverityNumber.length, 25);
  assert.equal(enums.SeverityNumber[9], 'SEVERITY_NUMBER_INFO');
  assert.equal(enums.SeverityNumber[24], 'SEVERITY_NUMBER_FATAL4');
});
