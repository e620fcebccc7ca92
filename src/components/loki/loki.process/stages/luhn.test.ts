import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { TestEntry } from '../../../../testkit/log-entries.ts';
import { problemsOf, putThrough } from '../../../../testkit/run-component.ts';
import { lokiProcess } from '../../loki.process.ts';

async function redact(args: string, line: string | Buffer): Promise<TestEntry['line'] | undefined> {
  const { entries } = await putThrough(lokiProcess, `stage.luhn {\n${args}\n}`, { line });
  assert.equal(entries.length, 1);
  return entries[0]?.line;
}

test('numbers that pass the check are replaced', async () => {
  const cases: readonly [line: string, want: string][] = [
    ['My card number is 3530111333300000.', 'My card number is **REDACTED**.'],
    ['3530111333300000', '**REDACTED**'],
    ['Cards 3530111333300000 and 4532015112830366', 'Cards **REDACTED** and **REDACTED**'],
    ['Not a card: 3530111333300001', 'Not a card: 3530111333300001'],
    ['Short: 1234, and 18', 'Short: 1234, and 18'],
    ['Edge cases: 0, 00', 'Edge cases: 0, 00'],
    ['x3530111333300000y', 'x**REDACTED**y'],
    ['é3530111333300000😀', 'é**REDACTED**😀'],
    ['35301113 33300000', '35301113 33300000'],
    ['353011133330000', '353011133330000'],
    ['0003530111333300000', '**REDACTED**'],
    ['', ''],
  ];
  for (const [line, want] of cases) assert.equal(await redact('', line), want, line);
});

test('numbers that do not fit into 64 bits are left alone', async () => {
  const cases: readonly [digits: string, isNumber: boolean][] = [
    ['9223372036854775791', true],
    ['9223372036854775809', false],
    ['9223372036854780007', false],
    ['10000000000000000008', false],
    ['00000000009223372036854775791', true],
    ['0'.repeat(40), true],
  ];
  for (const [digits, isNumber] of cases) {
    assert.equal(checkSum(digits) % 10, 0, digits);
    assert.equal(await redact('', digits), isNumber ? '**REDACTED**' : digits, digits);
  }
});

test('the replacement and the least number of digits may be set', async () => {
  const cases: readonly [args: string, line: string, want: string][] = [
    ['replacement = "X"', '4532015112830366', 'X'],
    ['replacement = "$1$&"', 'a 4532015112830366 b', 'a $1$& b'],
    ['replacement = ""', 'a4532015112830366b', 'ab'],
    ['min_length = 2', '18 1 0 26 19 00', '**REDACTED** 1 0 **REDACTED** 19 **REDACTED**'],
    ['min_length = 17', '4532015112830366', '4532015112830366'],
    ['min_length = 0', '18 4532015112830366', '18 **REDACTED**'],
    ['min_length = -5', '18 4532015112830366', '18 **REDACTED**'],
  ];
  for (const [args, line, want] of cases) assert.equal(await redact(args, line), want, `${args} on ${line}`);
});

test('delimiters may stand between digits', async () => {
  const cases: readonly [delimiters: string, line: string, want: string][] = [
    [' -', '4532-0151-1283-0366', '**REDACTED**'],
    [' -', 'a 4532 0151 1283 0366 b', 'a **REDACTED** b'],
    [' -', '4532 - 0151--12830366', '**REDACTED**'],
    [' -', '4532-0151-1283-0366- x', '**REDACTED**- x'],
    [' -', '-4532-0151-1283-0366', '-**REDACTED**'],
    [' -', '3530:1113:3330:0000', '3530:1113:3330:0000'],
    [' -', '4532-0151-128', '4532-0151-128'],
    [' -', '4532-0151-1283-0367 ', '4532-0151-1283-0367 '],
    [' -', '4532 0151,1283 0366', '4532 0151,1283 0366'],
    ['', '4532-0151-1283-0366', '4532-0151-1283-0366'],
    [':', '4532:0151:1283:0366', '**REDACTED**'],
    [']^\\\\', '4532]0151^1283\\0366', '**REDACTED**'],
    ['5', '4532015112830366', '**REDACTED**'],
    ['😀é', '4532😀0151é1283😀é0366😀', '**REDACTED**😀'],
    ['😀', '4532😁015112830366', '4532😁015112830366'],
  ];
  for (const [delimiters, line, want] of cases) {
    assert.equal(await redact(`delimiters = "${delimiters}"`, line), want, `${delimiters} on ${line}`);
  }
});

test('numbers within a match of the expression are left alone', async () => {
  const uuid = '`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12,}`';
  const id = 'aaaaaaaa-bbbb-cccc-dddd-4532015112830366';
  const cases: readonly [regexp: string, line: string, want: string][] = [
    [uuid, id, id],
    [uuid, `${id} 4532015112830366`, `${id} **REDACTED**`],
    [uuid, `4532015112830366 ${id} ${id}`, `**REDACTED** ${id} ${id}`],
    ['`id=\\d{4}`', 'id=4532015112830366', 'id=**REDACTED**'],
    ['`0366 x`', '4532015112830366 x', '**REDACTED**'.concat(' x')],
    ['`^|$`', '4532015112830366', '**REDACTED**'],
    ['`.*`', '4532015112830366 3530111333300000', '4532015112830366 3530111333300000'],
    ['""', '4532015112830366', '**REDACTED**'],
    ['`é\\d+`', 'é4532015112830366 4532015112830366', 'é4532015112830366 **REDACTED**'],
  ];
  for (const [regexp, line, want] of cases) {
    assert.equal(await redact(`skip_regex = ${regexp}`, line), want, `${regexp} on ${line}`);
  }
});

test('an extracted value may be read, which becomes the line', async () => {
  const stages = (source: string) => `
    stage.json { expressions = { card = "", text = "", n = "", nothing = "" } }
    stage.luhn { source = "${source}" }
    stage.labels { values = { card = "" } }`;
  const line = '{"card":"no. 4532015112830366","text":"18","n":4532015112830366,"nothing":null}';
  const cases: readonly [source: string, want: string][] = [
    ['card', 'no. **REDACTED**'],
    ['text', '18'],
    ['n', line],
    ['nothing', line],
    ['missing', line],
    ['app', '**REDACTED**'],
  ];
  for (const [source, want] of cases) {
    const { entries } = await putThrough(lokiProcess, stages(source), { line, labels: { app: '4532015112830366' } });
    assert.equal(entries[0]?.line, want, source);
    assert.deepEqual(entries[0]?.labels, { app: '4532015112830366', card: 'no. 4532015112830366' });
  }
});

test('any line keeps what is no such number, and has none afterwards', async () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom('4532015112830366', '4532 0151-12830366', '3530111333300001', ' ', '-', '0', '18', 'é', '😀', '٣')
      .map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 10 }), async (parts) => {
      const line = Buffer.concat(parts);
      const got = await redact('delimiters = " -"', line);
      const want = String(line).replaceAll(/[0-9](?:[ -]*[0-9])*/g, (number) => {
        const digits = number.replaceAll(/[^0-9]/g, '');
        const isNumber = digits.length >= 13 && checkSum(digits) % 10 === 0 && BigInt(digits) < 2n ** 63n;
        return isNumber ? '**REDACTED**' : number;
      });
      assert.equal(got, want);
    }),
    { numRuns: 300 },
  );
});

test('long runs of digits, delimiters and matches are read in one go', async () => {
  const cards = '4532015112830366,'.repeat(20_000);
  assert.equal(await redact('skip_regex = "x"', cards), '**REDACTED**,'.repeat(20_000));
  assert.equal(await redact('skip_regex = "[0-9]+"', cards), cards);
  const digits = '1 '.repeat(300_000);
  assert.equal(await redact('delimiters = " "', digits), digits);
});

test('mistakes in the arguments are found where they are', () => {
  const cases: readonly [args: string, problem: string][] = [
    ['source = ""', '2:10: source must not be empty'],
    ['skip_regex = "("', '2:14: "(" is not valid: error parsing regexp: missing closing ): `(`'],
  ];
  for (const [args, problem] of cases) {
    assert.deepEqual(problemsOf(lokiProcess, `stage.luhn {\n${args}\n}\nforward_to = [out]`), [
      `test.alloy:${problem}`,
    ]);
  }
});

/** The sum of the digits, of which every second from the right counts twice. */
function checkSum(digits: string): number {
  return Array.from(digits)
    .toReversed()
    .reduce((sum, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
      return sum + Math.floor(value / 10) + (value % 10);
    }, 0);
}
