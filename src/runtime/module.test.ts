import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { oneLine } from '../syntax/diagnostic.ts';
import { mustLoad, settled, startRuntime } from '../testkit/word-runtime.ts';

const plus = `
  declare "plus" {
    argument "left" { }

    argument "right" {
      optional = true
      default  = 1
    }

    toy.pass "sum" { value = argument.left.value + argument.right.value }

    export "sum" { value = toy.pass.sum.value }
  }
`;

test('a custom component gets arguments and gives exports, each instance by itself', async () => {
  await using fixture = startRuntime();
  await mustLoad(
    fixture,
    `${plus}
    plus "a" { left = 1 }
    plus "b" {
      left  = plus.a.sum
      right = 10
    }
    toy.pass "out" { value = [plus.a.sum, plus.b.sum] }
  `,
  );
  assert.equal(fixture.exportsOf('toy.pass.out'), '{"value" = [2, 12]}');
  assert.equal(fixture.exportsOf('plus.b/toy.pass.sum'), '{"value" = 12}');
});

test('changes flow into a custom component and out of it', async () => {
  await using fixture = startRuntime();
  await mustLoad(
    fixture,
    `${plus}
    toy.count "n" { }
    plus "a" { left = toy.count.n.count }
    toy.pass "out" { value = plus.a.sum * 100 }
  `,
  );
  await settled();
  fixture.toys.count('toy.count.n');
  await settled();
  assert.equal(fixture.exportsOf('toy.pass.out'), '{"value" = 200}');
});

test('exports that change inside of a custom component reach those outside', async () => {
  await using fixture = startRuntime();
  await mustLoad(
    fixture,
    `
    declare "counter" {
      toy.count "n" { }
      export "count" { value = toy.count.n.count }
    }
    counter "c" { }
    toy.pass "out" { value = counter.c.count }
  `,
  );
  await settled();
  fixture.toys.count('counter.c/toy.count.n');
  await settled();
  assert.equal(fixture.exportsOf('toy.pass.out'), '{"value" = 1}');
});

test('a module sees its own names and the declares around it, and nothing else', async () => {
  await using fixture = startRuntime();
  await mustLoad(
    fixture,
    `${plus}
    declare "twice" {
      argument "x" { }
      plus "it" {
        left  = argument.x.value
        right = argument.x.value
      }
      export "path" { value = module_path }
      export "sum" { value = plus.it.sum }
    }
    twice "t" { x = 21 }
    toy.pass "out" { value = [twice.t.sum, twice.t.path] }
  `,
  );
  assert.equal(fixture.exportsOf('toy.pass.out'), '{"value" = [42, "/etc"]}');

  const { diagnostics } = await fixture.load(`
    toy.pass "outer" { value = 1 }
    declare "m" {
      toy.pass "x" { value = toy.pass.outer.value }
      greeting { }
    }
    m "a" { }
    toy.pass "y" { value = m.a.nothing }
    argument "z" { }
  `);
  assert.deepEqual(diagnostics.map(oneLine), [
    '0.alloy:4:30: component "toy.pass.outer.value" does not exist or is out of scope',
    '0.alloy:5:7: cannot find the definition of component name "greeting"',
    '0.alloy:9:5: argument blocks only allowed inside a module',
  ]);
});

test('wrong use of a custom component is told where it is used', async () => {
  await using fixture = startRuntime();
  const { diagnostics } = await fixture.load(`${plus}
    plus "a" { }
    plus "b" {
      left = 1
      lift = 2
    }
    plus "c" {
      left = 1
      block { }
    }
  `);
  assert.deepEqual(
    diagnostics.map(({ code, message }) => `${code}: ${message}`),
    [
      'graph/missing-argument: missing required argument "left" to module',
      'graph/unknown-argument: Provided argument "lift" is not defined in the module',
      'schema/unknown-block: nested blocks not supported here',
    ],
  );
});

test('declares that use each other in a circle are refused', async () => {
  await using fixture = startRuntime();
  const { diagnostics } = await fixture.load(`
    declare "a" { b "x" { } }
    declare "b" { a "x" { } }
    declare "c" { c "x" { } }
    a "start" { }
  `);
  assert.deepEqual(diagnostics.map(oneLine), ['0.alloy:2:5: cycle: a, b', '0.alloy:4:5: self reference: c']);
});

test('modules inside of modules end at a limit', async () => {
  await using fixture = startRuntime();
  const levels = Array.from({ length: 40 }, (_, level) => `declare "m${level}" { m${level + 1} "x" { } }`);
  const { diagnostics } = await fixture.load(`${levels.join('\n')}\ndeclare "m40" { }\nm0 "x" { }`);
  assert.deepEqual(
    diagnostics.map(({ message }) => message),
    ['modules are nested deeper than 32 levels'],
  );
});

test('import.string brings declares into a namespace, and follows its content', async () => {
  await using fixture = startRuntime();
  const module = (factor: number): string =>
    `declare "times" { argument "x" { }\nexport "y" { value = argument.x.value * ${factor} } }`;
  await mustLoad(
    fixture,
    `
    toy.count "n" { }
    import.string "lib" { content = \`${module(10)}\` + string.format("// %d", toy.count.n.count) }
    lib.times "t" { x = 2 }
    toy.pass "out" { value = lib.times.t.y }
  `,
  );
  assert.equal(fixture.exportsOf('toy.pass.out'), '{"value" = 20}');

  const { diagnostics } = await fixture.load(`
    import.string "lib" { content = \`toy.pass "x" { }\` }
    import.string "bad" { content = \`declare "x" {\` }
    lib.times "t" { }
  `);
  assert.deepEqual(diagnostics.map(oneLine), [
    'import.string.lib:1:1: only declare and import blocks are allowed in a module, got toy.pass',
    'import.string.bad:1:14: expected }, got EOF',
  ]);
});

test('import.file reads files and folders, sees changes, and keeps the last good content', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'import-'));
  try {
    const file = path.join(folder, 'lib.alloy');
    const write = (value: string): Promise<void> => writeFile(file, `declare "v" { export "x" { value = ${value} } }`);
    await write('1');
    await using fixture = startRuntime();
    const config = (target: string): string => `
      import.file "lib" {
        filename       = "${target}"
        detector       = "poll"
        poll_frequency = "5ms"
      }
      lib.v "a" { }
      toy.pass "out" { value = lib.v.a.x }
    `;
    for (const target of [file, folder]) {
      await write('1');
      await mustLoad(fixture, config(target));
      assert.equal(fixture.exportsOf('toy.pass.out'), '{"value" = 1}');
      await write('2');
      await until(() => fixture.exportsOf('toy.pass.out') === '{"value" = 2}');
      await writeFile(file, 'declare {');
      await until(() => fixture.nodeHealth('import.file.lib').startsWith('unhealthy'));
      assert.equal(fixture.exportsOf('toy.pass.out'), '{"value" = 2}');
    }
    const { diagnostics } = await fixture.load(config(path.join(folder, 'none')));
    assert.match(diagnostics.map(oneLine).join('\n'), /cannot read ".*none": ENOENT/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('foreach makes a module for each item, keeps those that stay and stops those that go', async () => {
  await using fixture = startRuntime({ level: 'experimental' });
  const { toys } = fixture;
  const config = (...items: string[]): string => `
    toy.sink "out" { }
    toy.pass "factor" { value = 10 }
    foreach "each" {
      collection = [${items.join(', ')}]
      var        = "item"
      template {
        toy.pass "x" { value = [item, toy.pass.factor.value] }
        toy.source "s" {
          forward_to = [toy.sink.out.receiver]
          tag        = string.format("%v", toy.pass.x.value)
        }
      }
    }
  `;
  await mustLoad(fixture, config('1', '"a-b"', '1', '2.5'));
  await settled();
  assert.equal(fixture.exportsOf('foreach.each/foreach_1_2/toy.pass.x'), '{"value" = [1, 10]}');
  assert.equal(fixture.exportsOf('foreach.each/foreach_2_500000_1/toy.pass.x'), '{"value" = [2.5, 10]}');
  await toys.send('foreach.each/foreach_a_b_1/toy.source.s', 'word');
  assert.deepEqual(toys.arrived.get('toy.sink.out'), ['word']);

  toys.events.length = 0;
  await mustLoad(fixture, config('1', '3'));
  await settled();
  const sources = toys.events.filter((event) => event.includes('toy.source') && !event.startsWith('close'));
  assert.deepEqual(sources.toSorted(), [
    'build foreach.each/foreach_3_1/toy.source.s[3 10]',
    'run foreach.each/foreach_3_1/toy.source.s[3 10]',
    'stop foreach.each/foreach_1_2/toy.source.s[1 10]',
    'stop foreach.each/foreach_2_500000_1/toy.source.s[2.5 10]',
    'stop foreach.each/foreach_a_b_1/toy.source.s[a-b 10]',
  ]);
});

/** Waits for something that another process or the file system brings about. */
async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400 && !isTrue(); turn++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(isTrue(), 'it did not come true in time');
}
