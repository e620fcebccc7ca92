import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeName, isLegacyLabelName, isLegacyMetricName } from './metric-name.ts';

test('names are escaped as each scheme wants it', () => {
  const cases: readonly [name: string, underscores: string, dots: string, values: string][] = [
    ['', '', '', ''],
    ['mysystem_prod_west', 'mysystem_prod_west', 'mysystem__prod__west', 'mysystem_prod_west'],
    ['mysystem.prod.west', 'mysystem_prod_west', 'mysystem_dot_prod_dot_west', 'U__mysystem_2e_prod_2e_west'],
    ['a:b_c', 'a:b_c', 'a:b__c', 'a:b_c'],
    ['a_b.c', 'a_b_c', 'a__b_dot_c', 'U__a__b_2e_c'],
    ['1up', '_up', '__up', 'U___31_up'],
    ['label with 😱', 'label_with__', 'label__with____', 'U__label_20_with_20__1f631_'],
    ['a\ufffd', 'a_', 'a__', 'U__a_FFFD_'],
  ];
  for (const [name, ...expected] of cases) {
    const escaped = (['underscores', 'dots', 'values'] as const).map((escaping) => escapeName(name, escaping));
    assert.deepEqual(escaped, expected, name);
    assert.equal(escapeName(name, 'allow-utf-8'), name);
  }
});

test('legacy names have letters, digits and underscores, those of metrics colons too', () => {
  for (const name of ['a', '_a1', 'A_b']) assert.ok(isLegacyMetricName(name) && isLegacyLabelName(name), name);
  for (const name of ['', '1a', 'a.b', 'é', 'a b', 'a\n']) assert.ok(!isLegacyMetricName(name) && !isLegacyLabelName(name), name);
  assert.ok(isLegacyMetricName(':a:') && !isLegacyLabelName('a:b'));
}); // prettier-ignore
