import assert from 'node:assert/strict';
import { test } from 'node:test';
import { otlpMessage } from '../../testkit/otlp-reference.ts';
import { readValueText } from './any-value-text.ts';

const cases: readonly [value: Record<string, unknown>, text: string][] = [
  [{}, ''],
  [{ stringValue: 'größe' }, 'größe'],
  [{ boolValue: true }, 'true'],
  [{ boolValue: false }, 'false'],
  [{ intValue: '-9223372036854775808' }, '-9223372036854775808'],
  [{ doubleValue: 2 }, '2'],
  [{ doubleValue: 1e21 }, '1e+21'],
  [{ doubleValue: 1.5e-7 }, '1.5e-7'],
  [{ doubleValue: -0 }, '-0'],
  [{ doubleValue: NaN }, 'json: unsupported value: NaN'],
  [{ doubleValue: -Infinity }, 'json: unsupported value: -Inf'],
  [{ bytesValue: Buffer.from('hi') }, 'aGk='],
  [{ arrayValue: { values: [{ stringValue: '<' }, {}, { intValue: 1 }] } }, String.raw`["\u003c",null,1]`],
  [
    {
      kvlistValue: {
        values: [
          { key: 'b', value: { boolValue: true } },
          { key: 'a', value: {} },
        ],
      },
    },
    '{"a":null,"b":true}',
  ],
];

for (const [value, text] of cases) {
  test(`the value ${JSON.stringify(value)} is ${JSON.stringify(text)} as text`, () => {
    const type = otlpMessage('AnyValue');
    const bytes = Buffer.from(type.encode(type.fromObject(value)).finish());
    assert.equal(readValueText(bytes, 0, bytes.length), text);
  });
}
