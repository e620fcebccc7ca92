import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logTo } from '../../../base/log.ts';
import { NoData } from './collector.ts';
import { Exposition } from './exposition.ts';
import { counter, gauge, untyped } from './family.ts';
import { Samples } from './samples.ts';
import { Scrape, type OpenCollector } from './scrape.ts';

const one = gauge('one', 'One.');

const render = (...parts: readonly Samples[]): string => new Exposition().render(parts);

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
  const text = render(...(await scrape.collect()));
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
    { longest: 5 },
  );
  const all = await Promise.all([scrape.collect(), scrape.collect()]);
  assert.deepEqual(
    all.flatMap((parts) => successes(render(...parts))),
    ['slow 0', 'slow 0'],
  );
  assert.doesNotMatch(render(...(await scrape.collect())), /node_one/);
  const next = scrape.collect();
  resolve();
  const text = render(...(await next));
  assert.deepEqual(successes(text), ['slow 1']);
  assert.match(text, /^node_one 1$/m);
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
    render(samples),
    `# HELP node_a \n# TYPE node_a gauge\nnode_a 1e+06\n# HELP node_b B \\\\ b.\n# TYPE node_b untyped
node_b{a="1",z="second"} 2\nnode_b{a="2",z="first"} 1\n`,
  );
});

test('of contradictions the first stays, and they are counted', () => {
  const samples = new Samples();
  samples.add(one, 1);
  samples.add(one, 2);
  samples.add(counter('one', 'One.'), 3);
  const exposition = new Exposition();
  assert.equal(exposition.conflictsOf([samples]), 2);
  assert.equal(exposition.render([samples]), '# HELP node_one One.\n# TYPE node_one gauge\nnode_one 1\n');
});

test('what scrapes write follows the series that there are, and their values', () => {
  const [first, second] = [new Samples(), new Samples()];
  const exposition = new Exposition();
  const labelled = counter('two', 'Two.', 'l');
  const scrape = (all: readonly (readonly [label: string, value: number])[], other: number, own: number): string => {
    first.begin();
    for (const [label, value] of all) first.add(labelled, value, label);
    first.end();
    second.begin();
    // Families may be made anew each time, and lines may be given.
    second.add(gauge('one', 'One.'), other);
    second.addSeries({ name: 'own', kind: 'gauge', help: 'Own.' }, '', `own ${own}\n`);
    second.end();
    const text = exposition.render([first, second]);
    assert.equal(text, new Exposition().render([first, second]));
    return text
      .replaceAll(/^#.*\n/gm, '')
      .replaceAll('\n', ' ')
      .replaceAll('node_', '');
  };
  const two = (label: string, value: string): string => `two{l="${label}"} ${value} `;
  assert.equal(scrape([['a', 1]], 1, 1), `one 1 ${two('a', '1')}own 1 `);
  assert.equal(scrape([['a', 2]], 1, 2), `one 1 ${two('a', '2')}own 2 `);
  assert.equal(
    scrape(
      [
        ['b', 2],
        ['a', -0],
      ],
      1,
      2,
    ),
    `one 1 ${two('a', '-0')}${two('b', '2')}own 2 `,
  );
  assert.equal(
    scrape(
      [
        ['b', NaN],
        ['a', 0],
      ],
      3,
      2,
    ),
    `one 3 ${two('a', '0')}${two('b', 'NaN')}own 2 `,
  );
  assert.equal(scrape([['b', NaN]], 3, 2), `one 3 ${two('b', 'NaN')}own 2 `);
  assert.equal(scrape([], 3, 2), 'one 3 own 2 ');
});
