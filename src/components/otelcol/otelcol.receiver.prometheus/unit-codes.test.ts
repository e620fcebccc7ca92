import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameWithSuffixes } from '../otelcol.exporter.prometheus/metric-name.ts';
import { perUnitNames, unitNames } from '../otelcol.exporter.prometheus/unit-names.ts';
import { unitCode } from './unit-codes.ts';

test('units that are spelled out get their codes, and others stay', () => {
  for (const [unit, code] of [
    ['', ''],
    ['seconds', 's'],
    ['bytes_per_second', 'By/s'],
    ['meters_per_fortnight', 'm/fortnight'],
    ['packets_per_minute', 'packets/m'],
    ['per_second', 'per_second'],
    ['ratio', '1'],
    ['percent', '%'],
    ['furlongs', 'furlongs'],
    ['By', 'By'],
  ] as const)
    assert.equal(unitCode(unit), code);
});

test('every unit that otelcol.exporter.prometheus spells out is known', () => {
  for (const [code, name] of unitNames) if (name !== '') assert.equal(unitCode(name), code);
  for (const [code, name] of perUnitNames) assert.equal(unitCode(`bytes_per_${name}`), `By/${code}`);
  const named = { name: 'm', unit: unitCode('kibibytes_per_second'), isCounter: true, isGauge: false };
  assert.equal(nameWithSuffixes(named), 'm_kibibytes_per_second_total');
});
