import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ToyRuntime } from '../../testkit/toy-runtime.ts';
import { until } from '../../testkit/until.ts';
import { liveDebuggingBlock } from './live-debugging-block.ts';
import { LiveDebugging, type StreamResult } from './live-debugging.ts';

interface Fixture extends AsyncDisposable {
  readonly runtime: ToyRuntime;
  readonly debugging: LiveDebugging;
}

function open(): Fixture {
  const debugging: LiveDebugging = new LiveDebugging(() => runtime.root, 5);
  const runtime = new ToyRuntime([liveDebuggingBlock(debugging)]);
  return { runtime, debugging, [Symbol.asyncDispose]: () => runtime.stop(1000).then(() => undefined) };
}

/** Reads a stream until its end, or until it holds something. */
async function read(stream: StreamResult, wanted?: RegExp): Promise<string> {
  assert.ok(!('problem' in stream), JSON.stringify(stream));
  let text = '';
  for await (const piece of stream) {
    text += piece;
    if (wanted?.test(text)) return text;
  }
  assert.equal(wanted, undefined, `the stream ends with ${text}`);
  return text;
}

const enabled = 'livedebugging {\n enabled = true\n}\n';
const pipeline = `
  test.source "in" {
    lines      = ["one", "two"]
    frequency  = "2ms"
    forward_to = [test.sink.a.receiver, test.sink.b.receiver]
  }
  test.sink "a" { }
  test.sink "b" { }
  test.passthrough "p" {
    input = "x"
  }
`;
const signal = new AbortController().signal;

test('what comes out of a component is shown once, however many get it', async () => {
  await using fixture = open();
  await fixture.runtime.loadText(enabled + pipeline);
  const text = await read(fixture.debugging.watchComponent('test.source.in', 1, signal), /two/);
  const [first, second] = text.split('|;|');
  assert.match(first ?? '', /^\[OUT\]: timestamp: .*, entry: one, labels: {source="test\.source\.in"}/);
  assert.match(second ?? '', /^\[OUT\]: .* entry: two/);
});

test('what goes into a component is shown', async () => {
  await using fixture = open();
  await fixture.runtime.loadText(enabled + pipeline);
  const text = await read(fixture.debugging.watchComponent('test.sink.a', 1, signal), /two/);
  assert.match(text, /^\[IN\]: .* entry: one.*\|;\|\[IN\]: .* entry: two/);
});

test('nobody watches any more when a stream has ended', async () => {
  await using fixture = open();
  await fixture.runtime.loadText(enabled + pipeline);
  const taps = fixture.runtime.root.nodes().flatMap(({ node }) => (node.ports?.() ?? []).map(({ tap }) => tap));
  const abort = new AbortController();
  const reading = read(fixture.debugging.watchComponent('test.sink.a', 1, abort.signal));
  await until(() => taps.some((tap) => tap.isActive));
  abort.abort();
  await reading;
  assert.ok(taps.every((tap) => !tap.isActive));
});

test('a stream goes on over a reload that changes where a component sends', async () => {
  await using fixture = open();
  await fixture.runtime.loadText(enabled + pipeline.replace('test.sink.a.receiver, test.sink.b.receiver', ''));
  const stream = fixture.debugging.watchComponent('test.sink.a', 1, signal);
  await fixture.runtime.loadText(enabled + pipeline);
  await read(stream, /two/);
});

test('a stream ends with its component, and when live debugging is turned off', async () => {
  await using fixture = open();
  await fixture.runtime.loadText(enabled + pipeline);
  const gone = read(fixture.debugging.watchComponent('test.sink.b', 1, signal));
  await fixture.runtime.loadText(`${enabled}\ntest.sink "a" { }`);
  await gone;
  const off = read(fixture.debugging.watchComponent('test.sink.a', 1, signal));
  const offToo = read(fixture.debugging.watchModule('', 60, signal));
  await fixture.runtime.loadText('test.sink "a" { }');
  await Promise.all([off, offToo]);
});

test('how much flows is told for each connection', async () => {
  await using fixture = open();
  await fixture.runtime.loadText(enabled + pipeline);
  const text = await read(fixture.debugging.watchModule('', 2, signal), /"rate"/);
  const rates = JSON.parse(text.replaceAll('[]|;|', '').replace('|;|', '')) as Record<string, unknown>[];
  assert.deepEqual(
    rates.map(({ rate, ...rest }) => [typeof rate, rest]),
    ['a', 'b'].map((name) => [
      'number',
      { componentID: 'test.source.in', targetComponentIDs: [`test.sink.${name}`], type: 'loki_log' },
    ]),
  );
});

const disabled = 'the live debugging service is disabled. Check the documentation to find out how to enable it';
const problems: readonly [config: string, id: string, problem: string][] = [
  ['', 'test.sink.a', disabled],
  [enabled, 'test.sink.c', 'component not found'],
  [enabled, 'test.passthrough.p', 'the component "test.passthrough.p" does not support live debugging'],
];
for (const [config, id, problem] of problems) {
  test(`${id} cannot be watched: ${problem}`, async () => {
    await using fixture = open();
    await fixture.runtime.loadText(config + pipeline);
    assert.deepEqual(fixture.debugging.watchComponent(id, 1, signal), { problem });
  });
}
