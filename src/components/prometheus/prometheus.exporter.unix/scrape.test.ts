import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logTo } from '../../../base/log.ts';
import { NoData } from './collector.ts';
import { counter, gauge, untyped } from './family.ts';
import { Samples } from './samples.ts';
import { Scrape, type OpenCollector } from './scrape.ts';

const one = gauge('one', 'One.');

function successes(text: string): string[] {
  return [...text.matchAll(/^node_scrape_collector_success{collector="(.*)"} (\d)$/gm)].map(
    (match) => `${match[1]} ${match[2]}`,
  );
}

test('a collector that fails keeps what it had, and does not keep others from theirs', async () => {
  const logged: string[] = [];
  const log = logTo((level, message, fields) => logged.push(`${level} ${message} ${String(fields.collector)}`));
  const missing = Object.assign(new Error('no such file'), { code: 'ENOENT' });
  const noError: unknown = undefined;
  const collectors: readonly OpenCollector[] = [
    { name: 'fine', collect: async (samples) => samples.add(counter('fine_total', 'Fine.'), 2) },
    {
      name: 'half',
      collect: async (samples) => {
        samples.add(one, 1);
        throw new Error('broken');
      },
    },
    { name: 'absent', collect: () => Promise.reject(missing) },
    { name: 'nothing', collect: () => Promise.reject(new NoData('nothing there')) },
    { name: 'odd', collect: () => Promise.reject(noError) },
  ];
  const scrape = new Scrape(collectors, log);
  const text = (await scrape.collect()).toText();
  await scrape.collect();
  assert.match(text, /^node_fine_total 2\n/m);
  assert.match(text, /^node_one 1\n/m);
  assert.deepEqual(successes(text), ['absent 0', 'fine 1', 'half 0', 'nothing 0', 'odd 0']);
  assert.match(text, /^node_scrape_collector_duration_seconds{collector="half"} [\d.e-]+\n/m);
  assert.deepEqual(logged, [
    'error collector failed half',
    'debug collector has no data absent',
    'debug collector has no data nothing',
    'error collector failed odd',
  ]);
});

test('a collector that hangs is given up for the scrape, and not run a second time meanwhile', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  let runs = 0;
  const collector: OpenCollector = {
    name: 'slow',
    async collect(samples) {
      runs++;
      await promise;
      samples.add(one, 1);
    },
  };
  const scrape = new Scrape(
    [collector],
    logTo(() => undefined),
    5,
  );
  const texts = await Promise.all([scrape.collect(), scrape.collect()]);
  assert.deepEqual(
    texts.flatMap((samples) => successes(samples.toText())),
    ['slow 0', 'slow 0'],
  );
  const next = scrape.collect();
  resolve();
  assert.deepEqual(successes((await next).toText()), ['slow 1']);
  assert.equal(runs, 1);
});

test('families are sorted by name, series by labels, and labels by name', () => {
  const samples = new Samples();
  const labelled = untyped('b', 'B \\ b.', 'z', 'a');
  samples.add(labelled, 1, 'first', '2');
  samples.add(labelled, 2, 'second', '1');
  samples.add(gauge('a', ''), 1e6);
  samples.add(labelled, undefined, 'third', '3');
  assert.equal(
    samples.toText(),
    `# HELP node_a \n# TYPE node_a gauge\nnode_a 1e+06\n# HELP node_b B \\\\ b.\n# TYPE node_b untyped
node_b{a="1",z="second"} 2\nnode_b{a="2",z="first"} 1\n`,
  );
});

test('of contradictions the first stays, and they are counted', () => {
  const samples = new Samples();
  samples.add(one, 1);
  samples.add(one, 2);
  samples.add(counter('one', 'One.'), 3);
  assert.equal(samples.conflicts, 2);
  assert.equal(samples.toText(), '# HELP node_one One.\n# TYPE node_one gauge\nnode_one 1\n');
});
