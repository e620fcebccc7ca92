import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { testProgram } from '../../testkit/runtime-options.ts';
import { ExposedMetrics, SampleSink } from '../../testkit/exposed-metrics.ts';
import { problemsOf, runComponent } from '../../testkit/run-component.ts';
import { serve } from '../../testkit/test-server.ts';
import { until } from '../../testkit/until.ts';
import { prometheusScrape } from './prometheus.scrape.ts';

/** Scrapes every 200 ms. */
const often = 'forward_to = [sink]\nscrape_interval = "200ms"\nscrape_timeout = "200ms"\n';

const targetsOf = (...addresses: readonly string[]) =>
  `targets = [${addresses.map((address) => `{__address__ = "${address}"}`).join(', ')}]\n`;

async function scraping(handler: RequestListener, args = '') {
  const server = await serve(handler);
  const sink = new SampleSink();
  const target = targetsOf(server.url.host);
  const component = await runComponent(prometheusScrape, often + target + args, { names: { sink: sink.receiver } });
  const row = () => component.debugInfo()?.target[0];
  return {
    server,
    sink,
    component,
    row,
    async [Symbol.asyncDispose]() {
      await component[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

test('a target is asked as Prometheus asks, and what it answers is sent', async () => {
  const exposed = new ExposedMetrics('a 1\n');
  await using s = await scraping(exposed.handler, 'params = {x = ["y"]}\nmetrics_path = "/m"\njob_name = "work"');
  await until(() => s.sink.batches.length > 1);
  const { url, headers } = exposed.last ?? {};
  assert.equal(url, '/m?x=y');
  assert.equal(headers?.['accept-encoding'], 'gzip');
  assert.equal(headers['x-prometheus-scrape-timeout-seconds'], '0.2');
  assert.equal(headers['user-agent'], testProgram.userAgent);
  assert.match(headers['accept'] ?? '', /^application\/openmetrics-text;version=1\.0\.0;escaping=underscores;q=0\.6,/);
  const { host } = s.server.url;
  assert.ok(s.sink.valuesOf(`{__name__="a", instance="${host}", job="work"}`).includes(1));
  const row = s.row();
  assert.deepEqual(
    { ...row, labels: [...(row?.labels ?? [])], last_scrape: '', last_scrape_duration: '' },
    {
      job: 'work',
      url: `http://${host}/m?x=y`,
      health: 'up',
      labels: [['instance', host], ['job', 'work']],
      last_error: '',
      last_scrape: '',
      last_scrape_duration: '',
      samples: 1,
    },
  ); // prettier-ignore
  assert.equal(s.component.metrics()['prometheus_scrape_targets_gauge'], 1);
  assert.equal(s.component.metrics()['prometheus_target_scrape_pool_targets{scrape_job="work"}'], 1);
});

test('compressed answers are read, and none are asked for if that is not wanted', async () => {
  await using s = await scraping((_, response) =>
    response.writeHead(200, { 'content-type': 'text/plain', 'content-encoding': 'gzip' }).end(gzipSync('a 1\n')),
  );
  await until(() => s.sink.valuesOf('"a"').length > 0);
  assert.equal(s.row()?.health, 'up');

  const exposed = new ExposedMetrics('a 1\n');
  await using plain = await scraping(exposed.handler, 'enable_compression = false');
  await until(() => plain.sink.batches.length > 0);
  assert.equal(exposed.last?.headers['accept-encoding'], 'identity');
});

test('answers that cannot be taken make the target down, and say why', async () => {
  const text = { 'content-type': 'text/plain' };
  const gzip = { ...text, 'content-encoding': 'gzip' };
  const bomb = gzipSync(Buffer.alloc(4_000_000, 'a'));
  const cases: readonly [what: string, handler: RequestListener, args: string, error: RegExp][] = [
    ['another status', (_, r) => r.writeHead(503, text).end('a 1\n'), '', /^server returned HTTP status 503 Service Un/],
    ['no answer', () => undefined, '', /no complete response in 0\.2 s/],
    ['an answer that does not end', (_, r) => r.writeHead(200, text).write('a 1\n'), '', /no complete response/],
    ['too much', (_, r) => r.writeHead(200, text).end('a 1\n'.repeat(25)), 'body_size_limit = "100"', /^body size limit/],
    ['no end', (_, r) => pour(r), 'body_size_limit = "1MiB"', /^body size limit exceeded|no complete response/],
    ['a bomb', (_, r) => r.writeHead(200, gzip).end(bomb), 'body_size_limit = "1MiB"', /^body size limit exceeded$/],
    ['no gzip', (_, r) => r.writeHead(200, gzip).end('a 1\n'), '', /^cannot uncompress the response: /],
    ['half a gzip', (_, r) => r.writeHead(200, gzip).end(bomb.subarray(0, 1000)), '', /^cannot uncompress the response/],
    ['a page', (_, r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<p>'), '', /line 1 of the exposition/],
    ['a page, if nothing is guessed', (_, r) => r.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
      'scrape_fallback_protocol = ""', /unsupported Content-Type "text\/html", and there is no scrape_fallback_protocol/],
    ['half a line', (_, r) => r.writeHead(200, text).end('a 1\nb{'), '', /line 2 of the exposition/],
    ['the end of the connection', (_, r) => { r.writeHead(200, text).write('a 1\n'); r.destroy(); }, '', /aborted|hang up|reset/],
  ]; // prettier-ignore
  for (const [what, handler, args, error] of cases) {
    await using s = await scraping(handler, `${args}\nextra_metrics = true`);
    await until(() => s.row()?.health === 'down');
    assert.match(s.row()?.last_error ?? '', error, what);
    await until(() => s.sink.valuesOf('"up"').length > 0);
    assert.equal(s.sink.valuesOf('"up"')[0], 0, what);
    assert.deepEqual(s.sink.valuesOf('"a"'), [], `${what}: nothing else is sent`);
    const size = s.sink.valuesOf('"scrape_body_size_bytes"')[0];
    if (s.row()?.last_error === 'body size limit exceeded') assert.equal(size, -1);
  }
});

function pour(response: Parameters<RequestListener>[1]): void {
  response.writeHead(200, { 'content-type': 'text/plain' });
  const chunk = Buffer.alloc(65_536, 'a 1\n');
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}

test('targets that stay in a change are scraped on, with their connections and their series', async () => {
  const exposed = new ExposedMetrics('a 1\n');
  await using server = await serve(exposed.handler);
  await using other = await serve(new ExposedMetrics('b 1\n').handler);
  const sink = new SampleSink();
  const names = { sink: sink.receiver };
  await using component = await runComponent(prometheusScrape, often + targetsOf(server.url.host), { names });
  await until(() => sink.valuesOf('"a"').length > 1);
  const targets = targetsOf(server.url.host, other.url.host);
  for (let turn = 0; turn < 5; turn++) {
    await component.update(`${often}${targets}scrape_failure_log_file = ""\nsample_limit = ${turn + 5}`);
    await until(() => exposed.requests > turn + 2);
  }
  await until(() => sink.valuesOf('"b"').length > 1);
  assert.equal(server.connections, 1);
  assert.equal(component.metrics()['prometheus_target_scrape_pool_reloads_total'], 5);
  assert.ok(
    sink.valuesOf('"a"').every((value) => value === 1),
    'no series has ended',
  );
  assert.ok(
    sink.valuesOf('"up"').every((value) => value === 1),
    'no scrape has failed',
  );

  await component.update(often + targetsOf(other.url.host));
  assert.equal(component.debugInfo()?.target.length, 1);
  await until(() => sink.valuesOf(`instance="${server.url.host}"`).some(Number.isNaN));
  const ended = sink.valuesOf(`instance="${server.url.host}"`).filter(Number.isNaN);
  assert.equal(ended.length, 6, 'the series and what was reported have ended');
});

test('with more targets than there may be none is scraped', async () => {
  const exposed = new ExposedMetrics('a 1\n');
  await using s = await scraping(exposed.handler, 'target_limit = 1');
  await until(() => s.row()?.health === 'up');
  const { host } = s.server.url;
  const two = `targets = [{__address__ = "${host}"}, {__address__ = "${host}", a = "b"}]\n`;
  await s.component.update(`${often}${two}target_limit = 1`);
  await until(() => s.component.debugInfo()?.target.every(({ health }) => health === 'down') === true);
  assert.equal(s.row()?.last_error, 'target_limit exceeded (number of targets: 2, limit: 1)');
  assert.equal(s.component.metrics()['prometheus_target_scrape_pool_exceeded_target_limit_total'], 1);
});

test('targets that cannot be scraped are logged and counted, once, and do not keep others from being scraped', async () => {
  const exposed = new ExposedMetrics('a 1\n');
  await using server = await serve(exposed.handler);
  const sink = new SampleSink();
  const text = `${often}targets = [{a = "b"}, {__address__ = "${server.url.host}"}]\njob_name = "j"`;
  await using component = await runComponent(prometheusScrape, text, { names: { sink: sink.receiver } });
  await until(() => sink.valuesOf('"a"').length > 0);
  await component.update(text);
  assert.equal(component.logged.filter(({ message }) => message === 'cannot scrape a target').length, 1);
  assert.equal(component.metrics()['prometheus_target_sync_failed_total{scrape_job="j"}'], 2);
});

test('failed scrapes are written to a file', async () => {
  const file = path.join(tmpdir(), `scrapes-${process.pid}.log`);
  await using s = await scraping((_, r) => r.writeHead(500).end(), `scrape_failure_log_file = "${file}"`);
  await until(async () => (await readFile(file, 'utf8').catch(() => '')).includes('\n'));
  const [line = ''] = (await readFile(file, 'utf8')).split('\n');
  const { msg, target } = JSON.parse(line) as Record<string, unknown>;
  assert.deepEqual([msg, target], ['server returned HTTP status 500 Internal Server Error', s.row()?.url]);
  await s.component.stop();
  await rm(file);
});

test('a target in the program is asked without a connection', async () => {
  const sink = new SampleSink();
  const asked: string[] = [];
  const spec = {
    ...prometheusScrape,
    build: (context: Parameters<typeof prometheusScrape.build>[0]) =>
      prometheusScrape.build({
        ...context,
        program: {
          ...context.program,
          memoryServer: {
            address: 'alloy.internal:12345',
            request: ({ target }) => {
              asked.push(target);
              const headers = { 'content-type': 'text/plain' };
              return Promise.resolve({ status: 200, headers, body: Buffer.from('a 1\n'), isTruncated: false });
            },
          },
        },
      }),
  };
  const target = `{__address__ = "alloy.internal:12345", __metrics_path__ = "/api/v0/component/x.y/metrics"}`;
  await using component = await runComponent(spec, `${often}targets = [${target}]`, { names: { sink: sink.receiver } });
  await until(() => sink.valuesOf('"a"').length > 1);
  assert.equal(asked[0], '/api/v0/component/x.y/metrics');
  assert.equal(component.debugInfo()?.target[0]?.health, 'up');
});

test('types, help texts and units are told once if that is wanted, and again when they change', async () => {
  const exposed = new ExposedMetrics('# HELP a_total Text.\n# TYPE a_total counter\na_total 1\nother 2\n');
  await using s = await scraping(exposed.handler, 'honor_metadata = true');
  await until(() => s.sink.batches.length > 2);
  const [first, second] = s.sink.batches;
  assert.deepEqual(first?.families, [{ name: 'a_total', type: 1, help: 'Text.', unit: '' }]);
  assert.deepEqual([...(first?.familyOf ?? [])].slice(0, 2), [1, 0]);
  assert.deepEqual(second?.families, []);
  exposed.text = exposed.text.replace('Text.', 'Other text.');
  await until(
    () =>
      s.sink.batches.at(-1)?.families.length === 0 &&
      s.sink.batches.some(({ families }) => families[0]?.help === 'Other text.'),
  );
});

test('types and units become labels, and counters begin with a zero, if that is wanted', async () => {
  const begun = Math.floor(Date.now() / 1000) - 100;
  const body = `# TYPE a_seconds counter\n# UNIT a_seconds seconds\na_seconds_total 5\na_seconds_created ${begun}\n# EOF\n`;
  await using s = await scraping(
    (_, r) => r.writeHead(200, { 'content-type': 'application/openmetrics-text' }).end(body),
    'enable_type_and_unit_labels = true\nstart_timestamp_zero_ingestion = true',
  );
  await until(() => s.sink.batches.length > 1);
  const [first, second] = s.sink.batches;
  assert.equal(s.row()?.last_error, '');
  assert.ok(first !== undefined && second !== undefined);
  const labels = Object.fromEntries(first.table.labelsOf(first.series[0] ?? 0));
  assert.deepEqual(
    [labels['__name__'], labels['__type__'], labels['__unit__']],
    ['a_seconds_total', 'counter', 'seconds'],
  );
  assert.deepEqual([first.values[0], first.timestamps[0]], [0, begun * 1000]);
  assert.deepEqual([first.values[1], first.startTimestamps?.[1]], [5, begun * 1000]);
  assert.equal(second.values[0], 5, 'the zero is sent once');
});

test('mistakes in the arguments are found', () => {
  const cases: readonly [text: string, problem: RegExp][] = [
    ['scrape_interval = "5s"', /scrape_timeout must not be greater than scrape_interval/],
    ['scrape_interval = "0s"', /scrape_interval must be greater than 0/],
    ['scrape_protocols = ["PrometheusText0.0.4", "PrometheusText0.0.4"]', /must not name "PrometheusText0.0.4" twice/],
    ['scrape_protocols = ["Text"]', /is "Text", want one of/],
    ['scrape_protocols = []', /must name at least one protocol/],
    ['scrape_native_histograms = true\nscrape_protocols = ["PrometheusText0.0.4"]', /needs PrometheusProto/],
    ['enable_protobuf_negotiation = true\nscrape_protocols = ["PrometheusProto"]', /cannot both be set/],
    ['metric_name_escaping_scheme = "allow-utf-8"', /needs the validation scheme utf8/],
    ['metric_name_validation_scheme = "other"', /want one of "legacy", "utf8"/],
    ['sample_limit = -1', /sample_limit must not be negative/],
    ['body_size_limit = "x"', /"x" is no size/],
    ['bearer_token = "a"\nbearer_token_file = "b"', /at most one of/],
  ];
  const names = { sink: new SampleSink().receiver };
  for (const [text, problem] of cases)
    assert.match(
      problemsOf(prometheusScrape, `targets = []\nforward_to = [sink]\n${text}`, names).join(),
      problem,
      text,
    );
  const fine = 'scrape_native_histograms = true\nclustering {\nenabled = true\n}\nbody_size_limit = "1MiB"';
  assert.deepEqual(problemsOf(prometheusScrape, `targets = []\nforward_to = [sink]\n${fine}`, names), []);
});
