import { test } from 'node:test';
import assert from 'node:assert/strict';
import { utimes } from 'node:fs/promises';
import { testCollectors } from '../../../../../testkit/collector-cases.ts';
import { hostTree, openExporter, samplesIn } from '../../../../../testkit/host-tree.ts';
import { prometheusExporterUnix } from '../../../prometheus.exporter.unix.ts';

const config = 'textfile {\n directory = "@/text*"\n}';

interface Case {
  readonly title: string;
  /** By the name of the file below a folder `text`. */
  readonly files: Readonly<Record<string, string>>;
  /** What is exposed besides the times, with the help texts. */
  readonly text: string;
  readonly error?: 1;
}

const cases: readonly Case[] = [
  { title: 'only files that end in .prom count', files: { 'a.txt': 'a 1\n' }, text: '' },
  {
    title: 'a timestamp refuses the file, and others go on',
    files: { 'a.prom': 'a 1 1\n', 'b.prom': 'b 1\n' },
    text: '# HELP b Metric read from @/text/b.prom\n# TYPE b untyped\nb 1\n',
    error: 1,
  },
  { title: 'a mistake refuses the file', files: { 'a.prom': 'a 1\nb{\n' }, text: '', error: 1 },
  { title: 'a file whose last line does not end is refused', files: { 'a.prom': 'a 1' }, text: '', error: 1 },
  {
    title: 'families of several files become one, whose series all have the same labels',
    files: {
      'a.prom': '# HELP e Events.\n# TYPE e counter\ne{foo="b"} 2\ne{foo="a"} 1\n',
      'b.prom': '# TYPE e counter\ne{bar="c"} 3\n',
    },
    text: '# HELP e Events.\n# TYPE e counter\ne{bar="",foo="a"} 1\ne{bar="",foo="b"} 2\ne{bar="c",foo=""} 3\n',
  },
  {
    title: 'without help texts the files are named',
    files: { 'a.prom': '# HELP e\n# TYPE e counter\ne{a="1"} 2\n', 'b.prom': '# TYPE e counter\ne 3\n' },
    text: '# HELP e Metric read from @/text/a.prom, @/text/b.prom\n# TYPE e counter\ne{a=""} 3\ne{a="1"} 2\n',
  },
  {
    title: 'another help text leaves the second family out',
    files: {
      'a.prom': '# HELP e One.\n# TYPE e counter\ne 1\n',
      'b.prom': '# HELP e Two.\n# TYPE e counter\ne{x="y"} 2\n',
    },
    text: '# HELP e One.\n# TYPE e counter\ne 1\n',
    error: 1,
  },
  {
    title: 'so does another type',
    files: { 'a.prom': '# TYPE e counter\ne 1\n', 'b.prom': '# TYPE e gauge\ne{x="y"} 2\n' },
    text: '# HELP e Metric read from @/text/a.prom, @/text/b.prom\n# TYPE e counter\ne 1\n',
    error: 1,
  },
  {
    title: 'a histogram gets the bucket for everything, and a summary keeps its quantiles',
    files: {
      'a.prom':
        '# TYPE h histogram\nh_bucket{le="1000000"} 2\nh_bucket{le="0.1"} 1\nh_sum 3.5\nh_count 4\n# TYPE s summary\ns{x="y",quantile="0.9"} 1\ns_sum{x="y"} 2\ns_count{x="y"} 100200195\n',
    },
    text: `# HELP h Metric read from @/text/a.prom
# TYPE h histogram
h_bucket{le="0.1"} 1
h_bucket{le="1e+06"} 2
h_bucket{le="+Inf"} 4
h_sum 3.5
h_count 4
# HELP s Metric read from @/text/a.prom
# TYPE s summary
s{x="y",quantile="0.9"} 1
s_sum{x="y"} 2
s_count{x="y"} 1.00200195e+08
`,
  },
];

for (const { title, files, text, error = 0 } of cases) {
  test(`textfile: ${title}`, async (t) => {
    const folder = await hostTree(t, {
      'text/x/y': '',
      ...Object.fromEntries(Object.entries(files).map(([name, content]) => [`text/${name}`, content])),
    });
    const exporter = openExporter(
      prometheusExporterUnix,
      `set_collectors = ["textfile"]\n${config.replace('@', folder)}`,
    );
    const found = (await exporter.metrics()).replaceAll(folder, '@');
    assert.ok(found.includes(`\nnode_textfile_scrape_error ${error}\n`), found);
    const lines = found.split('\n').filter((line) => !/\b(?:node|promhttp)_/.test(line));
    assert.equal(lines.join('\n'), text);
    const errors = exporter.logged.filter(({ level }) => level === 'error').length;
    assert.equal(errors > 0, error === 1);
    await exporter.metrics();
    assert.equal(exporter.logged.filter(({ level }) => level === 'error').length, errors, 'what lasts is logged once');
  });
}

testCollectors(prometheusExporterUnix, [
  {
    title: 'without a directory nothing is wrong',
    collector: 'textfile',
    files: {},
    samples: ['textfile_scrape_error 0'],
  },
  {
    title: 'a directory that is not there is',
    collector: 'textfile',
    config: 'textfile {\n directory = "@/nothing"\n}',
    files: {},
    samples: ['textfile_scrape_error 1'],
  },
  {
    title: 'so is a pattern that nothing matches',
    collector: 'textfile',
    config,
    files: {},
    samples: ['textfile_scrape_error 1'],
  },
]);

test('the times of all folders of a pattern are whole seconds', async (t) => {
  const folder = await hostTree(t, { 'text1/a.prom': 'a 1\n', 'text2/b.prom': '' });
  for (const name of ['text1/a.prom', 'text2/b.prom']) await utimes(`${folder}/${name}`, 5.75, 5.75);
  const text = await openExporter(
    prometheusExporterUnix,
    `set_collectors = ["textfile"]\n${config.replace('@', folder)}`,
  ).metrics();
  assert.deepEqual(
    samplesIn(text).map((line) => line.replace(folder, '@')),
    [
      'a 1',
      'node_textfile_mtime_seconds{file="@/text1/a.prom"} 5',
      'node_textfile_mtime_seconds{file="@/text2/b.prom"} 5',
      'node_textfile_scrape_error 0',
    ],
  );
});
