import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogFields } from '../../base/log.ts';
import { formatRecord } from './log-line.ts';

const time = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const start = 'ts=2026-01-02T03:04:05.678Z level=info msg=started';

const cases: readonly [fields: LogFields, rest: string][] = [
  [{}, ''],
  [{ a: 'b', n: 1.5, big: 2n ** 60n, yes: true }, ' a=b n=1.5 big=1152921504606846976 yes=true'],
  [{ a: undefined, b: 1 }, ' b=1'],
  [{ a: '' }, ' a=""'],
  [{ a: 'two words' }, ' a="two words"'],
  [{ a: 'x=y', b: 'say "hi"' }, String.raw` a="x=y" b="say \"hi\""`],
  [{ a: 'line\nbreak\u0000' }, String.raw` a="line\nbreak\u0000"`],
  [{ a: 'größe' }, ' a=größe'],
  [{ error: new Error('it broke') }, ' error="it broke"'],
];
for (const [fields, rest] of cases) {
  test(`in logfmt, fields are written as "${rest}"`, () => {
    assert.equal(formatRecord({ time, level: 'info', message: 'started', fields }, 'logfmt'), start + rest);
  });
}

test('in JSON, numbers and bools keep their types', () => {
  const fields = { a: 'b "c"', n: 1, yes: true, none: undefined, big: 2n ** 60n, error: new Error('e') };
  assert.equal(
    formatRecord({ time, level: 'warn', message: 'it\nhappened', fields }, 'json'),
    String.raw`{"ts":"2026-01-02T03:04:05.678Z","level":"warn","msg":"it\nhappened","a":"b \"c\"","n":1,"yes":true,"big":"1152921504606846976","error":"e"}`,
  );
});
