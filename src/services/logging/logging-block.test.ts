import assert from 'node:assert/strict';
import { test } from 'node:test';
import { downstreamOf } from '../../runtime/inspect.ts';
import { problemsWith } from '../../testkit/arguments.ts';
import { ToyRuntime } from '../../testkit/toy-runtime.ts';
import { until } from '../../testkit/until.ts';
import { Logger } from './logger.ts';
import { loggingBlock } from './logging-block.ts';

const wrong: readonly [text: string, problem: string][] = [
  ['level = "loud"', 'unrecognized log level "loud"'],
  ['format = "xml"', 'unrecognized log format "xml"'],
  ['destination = "printer"', 'unrecognized log destination "printer"'],
  ['destination = "windows_event_log"', 'log destination "windows_event_log" is not supported'],
];
for (const [text, problem] of wrong) {
  test(`${text} is refused`, () => {
    const block = loggingBlock(new Logger(() => undefined));
    assert.deepEqual(problemsWith(block.arguments, text), [problem]);
  });
}

test('empty texts mean the defaults', () => {
  const block = loggingBlock(new Logger(() => undefined));
  assert.deepEqual(problemsWith(block.arguments, 'level = ""\nformat = ""\ndestination = ""'), []);
});

test('the block sets level and format, and its absence sets them back', async () => {
  const lines: string[] = [];
  const logger = new Logger((text) => lines.push(text));
  await using runtime = new ToyRuntime([loggingBlock(logger)]);
  await runtime.loadText('logging {\n level = "error"\n format = "json"\n}');
  logger.log.info('one');
  logger.log.error('two');
  await runtime.loadText('');
  logger.log.info('three');
  assert.deepEqual(
    lines.map((text) => text.replace(/"ts":"[^"]+"|^ts=\S+/, 'TS')),
    ['{TS,"level":"error","msg":"two"}\n', 'TS level=info msg=three\n'],
  );
});

test('a pipeline that fails on the log of its own failures comes to rest', async () => {
  const lines: string[] = [];
  const logger = new Logger((text) => lines.push(text));
  await using runtime = new ToyRuntime([loggingBlock(logger)], logger.log);
  logger.setPipeline(() => downstreamOf(runtime.root, 'logging'));
  await runtime.loadText(`
    logging {
      write_to = [test.sink.logs.receiver]
    }
    test.sink "logs" {
      fails = true
    }
    test.sink "other" {
      fails = true
    }
  `);
  const received = (): string => {
    const sink = runtime.root.nodes().find(({ node }) => node.id === 'test.sink.logs');
    return JSON.stringify(sink?.node.inspect?.().debugInfo);
  };
  await until(() => received().includes('component_id=test.sink.other'));
  assert.doesNotMatch(received(), /component_id=test\.sink\.logs/);
  assert.match(lines.join(''), /component_id=test\.sink\.logs/);
});
