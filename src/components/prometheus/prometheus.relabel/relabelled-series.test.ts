import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileRules } from '../../../schema/relabel-rules.ts';
import { internSeries, testSeries } from '../../../testkit/metric-samples.ts';
import { argumentsFrom } from '../../../testkit/arguments.ts';
import { relabelFields } from './fields.ts';
import { RelabelledSeries, type ResultLimits } from './relabelled-series.ts';

const noLimits: ResultLimits = { maxSize: Infinity, ttlSeconds: Infinity };

function relabelling(limits: Partial<ResultLimits>) {
  const table = testSeries();
  const rule = 'rule {\ntarget_label = "x"\nreplacement = "y"\n}';
  const drop = 'rule {\nsource_labels = ["__name__"]\nregex = "noise.*"\naction = "drop"\n}';
  const args = argumentsFrom(relabelFields, `forward_to = []\n${rule}\n${drop}`);
  const results = new RelabelledSeries(table, compileRules(args.rule), { ...noLimits, ...limits });
  const series = Array.from({ length: 10 }, (_, index) =>
    internSeries(table, { __name__: `${index % 2 === 0 ? 'metric' : 'noise'}_${index}` }),
  );
  const pass = (...indexes: readonly number[]): number[] =>
    indexes.map((index) => (results.resultOf(series[index] ?? 0) === 0 ? 0 : 1));
  const counts = () => {
    const { hits, misses, size, deleted, expired } = results;
    return { hits, misses, size, deleted, expired };
  };
  return { table, results, series, pass, counts };
}

test('while there is no room, results that are in use stay, and others are decided each time', () => {
  const { table, results, series, pass, counts } = relabelling({ maxSize: 4 });
  results.setTime(1000);
  for (let turn = 0; turn < 3; turn++) assert.deepEqual(pass(0, 1, 2, 3, 4, 5), [1, 0, 1, 0, 1, 0]);
  assert.deepEqual(counts(), { hits: 8, misses: 10, size: 4, deleted: 0, expired: 0 });

  results.setTime(1200);
  pass(0, 1, 2);
  results.setTime(1300);
  pass(6, 8, 6);
  assert.deepEqual(counts(), { hits: 12, misses: 12, size: 4, deleted: 1, expired: 0 }, '3 has made room for 6');

  results.close();
  for (const one of series) table.release(one);
  assert.equal(table.size, table.lingering, 'no share is left');
});

test('a result is forgotten when its series has ended', () => {
  const { results, series, pass, counts } = relabelling({});
  pass(0, 1, 2, 0);
  results.end(series[0] ?? 0);
  results.end(series[5] ?? 0);
  assert.deepEqual(counts(), { hits: 1, misses: 3, size: 2, deleted: 1, expired: 0 });
  pass(0);
  assert.deepEqual(counts(), { hits: 1, misses: 4, size: 3, deleted: 1, expired: 0 });
});

test('results that are not used expire', () => {
  const { results, pass, counts } = relabelling({ ttlSeconds: 60 });
  results.setTime(5000);
  pass(0, 1, 2);
  results.setTime(5059);
  pass(0);
  results.expire();
  assert.equal(results.size, 3);
  results.setTime(5060);
  results.expire();
  assert.deepEqual(counts(), { hits: 1, misses: 3, size: 1, deleted: 0, expired: 2 });
});
