import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeriesTable } from '../../../model/series-table.ts';
import { droppedSeries } from '../../../model/series-map.ts';
import { compileRules } from '../../../schema/relabel-rules.ts';
import { argumentsFrom } from '../../../testkit/arguments.ts';
import { internSeries, testSeries } from '../../../testkit/metric-samples.ts';
import { remoteWriteFields } from './fields.ts';
import { OutgoingSeries } from './outgoing-series.ts';

function seriesWith(external: Readonly<Record<string, string>>, rule = ''): OutgoingSeries {
  const rules = rule === '' ? '' : `write_relabel_config {\n ${rule}\n}`;
  const [endpoint] = argumentsFrom(remoteWriteFields, `endpoint {\n url = "http://x"\n ${rules}\n}`).endpoint;
  return new OutgoingSeries(new Map(Object.entries(external)), compileRules(endpoint?.write_relabel_config ?? []));
}

test('external labels are added in their place, and those of the series win', () => {
  const table = testSeries();
  const series = seriesWith({ b: 'external', z: 'external', A: 'external' });
  const result = series.of(table, internSeries(table, { __name__: 'n', b: 'own', c: 'own' }));
  assert.equal(table.labelsOf(result).toString(), '{A="external", __name__="n", b="own", c="own", z="external"}');
  series.close();
});

test('without labels and rules a series is itself, and rules may drop it or leave nothing of it', () => {
  const table = testSeries();
  const ref = internSeries(table, { __name__: 'n', a: 'b' });
  assert.equal(seriesWith({}).of(table, ref), ref);
  assert.equal(seriesWith({}, 'action = "drop"\nregex = "(.*)"').of(table, ref), droppedSeries);
  assert.equal(seriesWith({}, 'action = "labeldrop"\nregex = ".*"').of(table, ref), droppedSeries);
});

test('without room in the table a series is not known', () => {
  const table = new SeriesTable({ maxSeries: 1, lingerSeconds: 300 });
  const ref = internSeries(table, { __name__: 'n' });
  assert.equal(seriesWith({ a: 'b' }).of(table, ref), 0);
});

test('series that are gone are forgotten, also those that stay what they are', () => {
  let now = 0;
  const table = new SeriesTable({ maxSeries: 1000, lingerSeconds: 10, now: () => now });
  const changed = seriesWith({ cluster: 'eu' });
  const same = seriesWith({}, 'action = "drop"\nregex = "nothing"');
  for (let at = 0; at < 20; at++) {
    const ref = internSeries(table, { __name__: `n${at}` });
    assert.notEqual(changed.of(table, ref), ref);
    assert.equal(same.of(table, ref), ref);
    table.release(ref);
    now += 100;
  }
  for (let at = 0; at < 10; at++, now += 100) table.closeLease(table.openLease());
  assert.equal(table.size, 0);
  changed.close();
  same.close();
});
