import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Counter } from '../../component/metrics.ts';
import { DeliveryError, type Consumer } from '../../flow/delivery.ts';
import { entriesOf, type LogBatch } from '../../model/log-batch.ts';
import { Logger, type LogSettings } from './logger.ts';

function open(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const logger = new Logger((text) => lines.push(text.replace(/^ts=\S+ |\n$/g, '')));
  return { logger, lines };
}

const settings: LogSettings = { level: 'info', format: 'logfmt', writeTo: undefined };

function droppedBy(logger: Logger): Record<string, number> {
  const [family] = logger.collect();
  return Object.fromEntries(
    (family?.series ?? []).map(({ labels, meter }) => [labels[0]?.[1], (meter as Counter).value]),
  );
}

test('lines are kept until the log is configured, then written with its level and format', () => {
  const { logger, lines } = open();
  logger.log.debug('one');
  logger.log.with({ a: 1 }).warn('two', { b: 2 });
  assert.deepEqual(lines, []);
  logger.configure({ ...settings, format: 'json' });
  assert.equal(lines.length, 1);
  assert.match(lines[0] ?? '', /"level":"warn","msg":"two","a":1,"b":2}$/);
});

test('without a configuration, what was kept can be written all the same', () => {
  const { logger, lines } = open();
  logger.log.error('failed');
  logger.flush();
  logger.log.info('later');
  assert.deepEqual(lines, ['level=error msg=failed', 'level=info msg=later']);
});

test('what is kept before the configuration is bounded', () => {
  const { logger, lines } = open();
  for (let count = 0; count < 1010; count++) logger.log.info('line', { count });
  logger.configure(settings);
  assert.equal(lines.length, 1000);
  assert.deepEqual(droppedBy(logger), { not_configured: 10 });
});

test('only lines of the level and above are written', () => {
  const { logger, lines } = open();
  logger.configure({ ...settings, level: 'warn' });
  for (const level of ['debug', 'info', 'warn', 'error'] as const) logger.log[level](level);
  assert.deepEqual(lines, ['level=warn msg=warn', 'level=error msg=error']);
});

/** A pipeline that keeps what it gets, and answers as told. */
function pipeline(answer: () => Promise<void> | void = () => undefined): {
  to: Consumer<LogBatch>;
  got: string[];
  labels: Set<string>;
} {
  const got: string[] = [];
  const labels = new Set<string>();
  const to: Consumer<LogBatch> = {
    consume(batch) {
      for (const entry of entriesOf(batch)) {
        got.push(entry.line.replace(/^ts=\S+ /, ''));
        labels.add(entry.labels.toString());
      }
      return answer();
    },
  };
  return { to, got, labels };
}

/** Lets the timer of the forwarder fire, and what follows from it. */
async function forward(t: TestContext): Promise<void> {
  t.mock.timers.tick(200);
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
}

test('write_to gets the lines in batches, labelled', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { logger } = open();
  const { to, got, labels } = pipeline();
  logger.configure({ ...settings, writeTo: to });
  logger.log.info('one', { component_path: '/', component_id: 'a.b' });
  logger.log.info('two');
  await forward(t);
  assert.deepEqual(got, ['level=info msg=one component_path=/ component_id=a.b', 'level=info msg=two']);
  assert.deepEqual([...labels], ['{component="alloy"}']);
});

test('lines about the pipeline itself do not go into it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { logger, lines } = open();
  const { to, got } = pipeline(() =>
    logger.log.error('failed', { component_path: '/mod.a', component_id: 'loki.write.b' }),
  );
  logger.setPipeline(() => new Set(['mod.a/loki.write.b']));
  logger.configure({ ...settings, writeTo: to });
  logger.log.info('one');
  for (let turn = 0; turn < 3; turn++) await forward(t);
  assert.deepEqual(got, ['level=info msg=one']);
  assert.equal(lines.length, 2);
  assert.deepEqual(droppedBy(logger), { own_pipeline: 1 });
});

test('a busy pipeline does not hold up the log, and gets what there is room for', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { logger, lines } = open();
  const busy = Promise.withResolvers<void>();
  const { to, got } = pipeline(() => busy.promise);
  logger.configure({ ...settings, writeTo: to });
  logger.log.info('first');
  await forward(t);
  for (let count = 0; count < 1200; count++) logger.log.info('more');
  await forward(t);
  assert.deepEqual([lines.length, got.length], [1201, 1]);
  busy.resolve();
  await forward(t);
  await forward(t);
  assert.equal(got.length, 1001);
  assert.deepEqual(droppedBy(logger), { buffer_full: 200 });
});

test('a pipeline that refuses loses the lines, which are counted', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { logger } = open();
  const { to } = pipeline(() => {
    throw new DeliveryError('not now', { retryable: true });
  });
  logger.configure({ ...settings, writeTo: to });
  logger.log.info('one');
  await forward(t);
  logger.log.info('two');
  logger.configure(settings);
  await forward(t);
  assert.deepEqual(droppedBy(logger), { refused: 1, closed: 1 });
});
