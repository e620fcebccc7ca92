import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { metricFamilyMessage, type ProtobufMessage } from '../../../testkit/metrics-reference.ts';
import { TestLoop } from '../../../testkit/scrape-loop.ts';

/** What a target answers: series by their letters in one of the formats, or that the scrape fails in some way. */
type Step = { readonly series: readonly string[]; readonly format: 'text' | 'openmetrics' } | 'no answer' | 'broken';

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ series: fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 8 }), format: fc.constantFrom('text', 'openmetrics') }) },
  { weight: 1, arbitrary: fc.constant('no answer') },
  { weight: 1, arbitrary: fc.constant('broken') },
); // prettier-ignore

test('whatever a target answers, each series is marked once when it ends, and never while it is there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const scraping = new TestLoop();
      let present = new Set<string>();
      for (const answered of steps) {
        const isGood = typeof answered === 'object';
        const now = new Set<string>(isGood ? answered.series : []);
        const sent = await scraping.scrapeSeries(responseOf(answered));
        const ended = [...present].filter((name) => !now.has(name));
        assert.deepEqual(
          sent.toSorted(),
          [...Array.from(now, (name) => `${name} 1`), ...ended.map((name) => `${name} stale`)].toSorted(),
        );
        present = now;
      }
      await scraping.stop();
      assert.equal(scraping.table.size - scraping.table.lingering, 0, 'no share is left');
      assert.equal(scraping.table.openLeases, 0);
    }),
    { numRuns: 150 },
  );
});

function responseOf(answered: Step) {
  if (answered === 'no answer') return new Error('no answer');
  if (answered === 'broken') return 'a 1\nf 1\nz 1\nx{ 1\n';
  const { series, format } = answered;
  // The same series may come twice, and be written in another way.
  const lines = series.map((name, index) => (index % 3 === 0 && format === 'text' ? `${name}{} 1\n` : `${name} 1\n`));
  if (format === 'text') return lines.join('');
  return { body: Buffer.from(`${lines.join('')}# EOF\n`), contentType: 'application/openmetrics-text' };
}

/** Native histograms in the protobuf format, each with as many buckets as it is given. */
function histograms(buckets: Readonly<Record<string, number>>, schema = 3) {
  const families = Object.entries(buckets).map(([name, length]): ProtobufMessage => {
    const positive_delta = Array.from({ length }, () => 1);
    const positive_span = [{ offset: 0, length }];
    const sample_count = (length * (length + 1)) / 2;
    const histogram = { sample_count, sample_sum: 1, schema, zero_threshold: 0.001, positive_span, positive_delta };
    return { name, type: 'HISTOGRAM', metric: [{ histogram }] };
  });
  const body = Buffer.concat(families.map((family) => metricFamilyMessage.encodeDelimited(family)));
  return { body, contentType: 'application/vnd.google.protobuf' };
}

test('native histograms are sent, and marked when they end', async () => {
  const scraping = new TestLoop('scrape_native_histograms = true');
  assert.deepEqual(await scraping.scrapeSeries(histograms({ h: 2, i: 1 })), ['h histogram 3', 'i histogram 1']);
  assert.deepEqual(await scraping.scrapeSeries(histograms({ i: 1 })), ['i histogram 1', 'h stale histogram']);
  assert.deepEqual(await scraping.scrapeSeries(new Error('no')), ['i stale histogram']);
  assert.deepEqual(await scraping.scrapeSeries(histograms({ i: 1 })), ['i histogram 1']);
  assert.deepEqual(await scraping.scrapeSeries('i 5\n'), ['i 5'], 'the same series as a float');
  assert.deepEqual(await scraping.scrapeSeries(''), ['i stale']);
  await scraping.stop();
});

test('native histograms with too many buckets are made coarser, or fail the scrape', async () => {
  const scraping = new TestLoop('scrape_native_histograms = true\nnative_histogram_bucket_limit = 4');
  assert.deepEqual(await scraping.scrapeSeries(histograms({ h: 8 })), ['h histogram 36']);
  assert.deepEqual(await scraping.scrapeSeries(histograms({ h: 8 }, -4)), ['h stale histogram']);
  assert.match(scraping.loop.last.error, /^native_histogram_bucket_limit exceeded \(limit: 4\)$/);
  assert.equal(scraping.meters.bucketLimitExceeded.value, 1);
  assert.equal(scraping.loop.last.health, 'down');
  await scraping.stop();
});
