import assert from 'node:assert/strict';
import { test } from 'node:test';
import { string } from '../schema/attributes.ts';
import { oneLine } from '../syntax/diagnostic.ts';
import { mustLoad, settled, startRuntime } from '../testkit/word-runtime.ts';
import { configBlock } from './config-block.ts';

const pipeline = `
  toy.source "in" { forward_to = [toy.sink.out.receiver] }
  toy.sink "out" { }
`;

test('batches flow from a source to a sink, and the edge between them counts', async () => {
  await using fixture = startRuntime();
  await mustLoad(fixture, pipeline);
  await fixture.toys.send('toy.source.in', 'a', 'b');
  assert.deepEqual(fixture.toys.arrived.get('toy.sink.out'), ['a', 'b']);
});

test('nodes start after what they depend on, and stop before it', async () => {
  const fixture = startRuntime();
  await mustLoad(fixture, pipeline);
  await settled();
  await fixture.runtime.stop(1000);
  assert.deepEqual(fixture.toys.events, [
    'build toy.sink.out',
    'build toy.source.in',
    'run toy.sink.out',
    'run toy.source.in',
    'stop toy.source.in',
    'stop toy.sink.out',
    'close toy.sink.out',
    'close toy.source.in',
  ]);
});

test('a reload keeps unchanged components running, replaces changed ones and stops removed ones', async () => {
  await using fixture = startRuntime();
  const { toys } = fixture;
  await mustLoad(fixture, `${pipeline} toy.sink "old" { }`);
  await settled();
  toys.events.length = 0;
  await mustLoad(fixture, pipeline.replace('toy.sink "out" { }', 'toy.sink "out" { tag = "!" }'));
  await settled();
  assert.deepEqual(
    toys.events.filter((event) => !event.endsWith('.old')),
    ['build toy.sink.out!', 'stop toy.sink.out', 'close toy.sink.out', 'run toy.sink.out!'],
  );
  assert.deepEqual(
    toys.events.filter((event) => event.endsWith('.old')),
    ['stop toy.sink.old', 'close toy.sink.old'],
  );
  await toys.send('toy.source.in', 'a');
  assert.deepEqual(toys.arrived.get('toy.sink.out'), ['a!'], 'the source sends to the new sink without being rebuilt');
});

test('after any error in a reload, what ran goes on untouched', async () => {
  const broken: [string, string, RegExp][] = [
    ['syntax', `${pipeline} toy.sink "b" {`, /expected }, got EOF/],
    ['unknown component', `${pipeline} toy.sonk "b" { }`, /cannot find the definition of component name "toy.sonk"/],
    ['wrong argument', pipeline.replace('"out" { }', '"out" { tagg = "" }'), /unrecognized attribute name "tagg"/],
    ['refused arguments', pipeline.replace('"out" { }', '"out" { refuse = true }'), /refuse must not be set/],
    ['nothing to prepare', `${pipeline} toy.prepared "p" { text = "" }`, /there is no text/],
  ];
  for (const [name, text, message] of broken) {
    await using fixture = startRuntime();
    await mustLoad(fixture, pipeline);
    await settled();
    fixture.toys.events.length = 0;
    const { isLoaded, diagnostics } = await fixture.load(text);
    await settled();
    assert.equal(isLoaded, false, name);
    assert.match(diagnostics.map(oneLine).join('\n'), message);
    assert.ok(!fixture.toys.events.some((event) => /^(?:run|stop)/.test(event)), name);
    await fixture.toys.send('toy.source.in', 'still here');
    assert.deepEqual(fixture.toys.arrived.get('toy.sink.out'), ['still here'], name);
    await mustLoad(fixture, pipeline);
  }
});

test('every mistake of a configuration is reported at once, in the order of the text', async () => {
  await using fixture = startRuntime();
  const { isLoaded, diagnostics } = await fixture.load(`
    toy.sink "a" { tag = [1] }
    toy.sink "a" { }
    toy.source "s" {
      forward_to = [toy.sink.b.receiver, toy.sink.a.receiver]
    }
    toy.pass "x" { value = nothing }
    toy.pass "y" { value = toy.pass.x.value }
    loki.source.kafka "k" { }
    toy.snik "z" { }
    toy.sink { }
    a = 1
  `);
  assert.equal(isLoaded, false);
  assert.deepEqual(diagnostics.map(oneLine), [
    '0.alloy:2:26: [1] should be string, got array',
    '0.alloy:3:5: block toy.sink.a already declared',
    '0.alloy:5:21: component "toy.sink.b.receiver" does not exist or is out of scope (did you mean "toy.sink.a"?)',
    '0.alloy:7:28: identifier "nothing" does not exist',
    '0.alloy:9:5: component "loki.source.kafka" is not supported yet',
    '0.alloy:10:5: cannot find the definition of component name "toy.snik" (did you mean "toy.sink"?)',
    '0.alloy:11:5: component "toy.sink" must have a label (write toy.sink "default" { ... })',
    '0.alloy:12:5: unrecognized attribute a',
  ]);
});

test('cycles are named with all of their members', async () => {
  await using fixture = startRuntime();
  const { diagnostics } = await fixture.load(`
    toy.pass "a" { value = toy.pass.b.value }
    toy.pass "b" { value = [toy.pass.c.value] }
    toy.pass "c" { value = toy.pass.a.value }
    toy.pass "d" { value = toy.pass.d.value }
    toy.pass "e" { value = toy.pass.a.value }
  `);
  assert.deepEqual(diagnostics.map(oneLine), [
    '0.alloy:2:5: cycle: toy.pass.a, toy.pass.b, toy.pass.c',
    '0.alloy:5:5: self reference: toy.pass.d',
  ]);
  assert.equal(diagnostics[0]?.related?.length, 2);
});

test('changed exports reach everything that depends on them, once for changes that come together', async () => {
  await using fixture = startRuntime();
  const { toys } = fixture;
  await mustLoad(
    fixture,
    `
    toy.count "n" { }
    toy.pass "a" { value = toy.count.n.count + 1 }
    toy.pass "b" { value = [toy.pass.a.value, toy.count.n.count] }
    toy.pass "apart" { value = 1 }
  `,
  );
  await settled();
  toys.events.length = 0;
  toys.count('toy.count.n');
  toys.count('toy.count.n');
  await settled();
  assert.deepEqual(toys.events, ['build toy.pass.a', 'build toy.pass.b']);
  assert.deepEqual(fixture.exportsOf('toy.pass.b'), '{"value" = [3, 2]}');
});

test('an evaluation that fails keeps the last good arguments and makes the component unhealthy', async () => {
  await using fixture = startRuntime();
  const { toys } = fixture;
  await mustLoad(fixture, 'toy.count "n" { }\ntoy.pass "a" { value = 10 / (1 - toy.count.n.count) }');
  await settled();
  toys.count('toy.count.n');
  await settled();
  assert.equal(fixture.exportsOf('toy.pass.a'), '{"value" = 10}');
  assert.match(fixture.healthOf('toy.pass.a'), /^unhealthy: component evaluation failed: .*divide by zero error/);
  toys.count('toy.count.n');
  await settled();
  assert.equal(fixture.exportsOf('toy.pass.a'), '{"value" = -10}');
  assert.match(fixture.healthOf('toy.pass.a'), /^healthy/);
});

test('dependants see what a component prepares, from their first evaluation on', async () => {
  await using fixture = startRuntime();
  await mustLoad(
    fixture,
    'toy.prepared "p" { text = "ready" after = "5ms" }'
      .replace(' after', '\nafter')
      .replace('{ ', '{\n')
      .replace(' }', '\n}') + '\ntoy.pass "a" { value = toy.prepared.p.text + "!" }',
  );
  assert.equal(fixture.exportsOf('toy.pass.a'), '{"value" = "ready!"}');
});

test('a check finds what a load would, and prepares and runs nothing', async () => {
  await using fixture = startRuntime();
  const text = `
    toy.prepared "p" { text = "" }
    toy.pass "a" { value = toy.prepared.p.text + "!" }
    toy.sink "s" { tag = toy.prepared.p.text }
    toy.source "x" { forward_to = [toy.sink.s.receiver, 1] }
  `;
  assert.deepEqual(await fixture.check(text), ['0.alloy:5:57: 1 should be words receiver, got number']);
  assert.ok(!fixture.toys.events.some((event) => event.startsWith('run')));
});

test('components and functions below the stability level are refused', async () => {
  const text = 'toy.failing "a" { }\ntoy.pass "b" { value = array.group_by([], "a", true) }\nforeach { }';
  await using strict = startRuntime();
  const { diagnostics } = await strict.load(text);
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ['graph/stability', 'value/stability', 'graph/stability'],
  );
  await using lenient = startRuntime({ level: 'experimental' });
  const { diagnostics: rest } = await lenient.load(text);
  assert.deepEqual(
    rest.map(({ code }) => code),
    ['schema/missing-block'],
  );
});

test('a component that fails is exited, and its error is told', async () => {
  await using fixture = startRuntime({ level: 'experimental' });
  await mustLoad(fixture, 'toy.failing "a" { }');
  await settled();
  assert.equal(fixture.healthOf('toy.failing.a'), 'exited: component shut down with error: something broke');
});

test('config blocks are applied with their defaults when they are absent, and again only when they change', async () => {
  const applied: string[] = [];
  const greeting = configBlock({
    name: 'greeting',
    stability: 'generally-available',
    doc: 'A block for tests.',
    example: 'greeting { }',
    arguments: { text: string('What to say.').default('hello') },
    apply: ({ text }) => void applied.push(text),
  });
  await using fixture = startRuntime({ configBlocks: [greeting] });
  await mustLoad(fixture, '');
  await mustLoad(fixture, 'greeting { text = "hi" }');
  await mustLoad(fixture, 'greeting { text = "h" + "i" }');
  await mustLoad(fixture, '');
  assert.deepEqual(applied, ['hello', 'hi', 'hello']);
  const { diagnostics } = await fixture.load('greeting "x" { }\ntracing { }');
  assert.deepEqual(diagnostics.map(oneLine), [
    '0.alloy:1:10: the greeting block takes no label',
    '0.alloy:2:1: block "tracing" is not supported yet',
  ]);
});

test('several files are one configuration', async () => {
  await using fixture = startRuntime();
  await mustLoad(fixture, 'toy.source "in" { forward_to = [toy.sink.out.receiver] }', 'toy.sink "out" { }');
  const { diagnostics } = await fixture.load('toy.sink "a" {', 'toy.sink "b" { ] }');
  assert.deepEqual(
    diagnostics.map(({ span }) => span?.source.name),
    ['0.alloy', '1.alloy'],
  );
});
