import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReceivedEntry } from '../../../src/testkit/loki-receiver.ts';
import { Ledger } from './ledger.ts';
import { contentOf } from './log-lines.ts';

function entry(line: string, file = 0, readBy = 1): ReceivedEntry {
  return {
    labels: { file: String(file), run: String(readBy) },
    labelText: `{file="${file}", run="${readBy}"}`,
    timestampNs: '0',
    line,
    metadata: {},
    tenant: undefined,
    headers: {},
  };
}

function lines(...numbers: readonly number[]): ReceivedEntry[] {
  return numbers.map((number) => entry(contentOf({ file: 0, number })));
}

test('lines that were stored but not acknowledged are lost', () => {
  const ledger = new Ledger(1, 'memory');
  ledger.store(1, lines(1, 2, 3, 4));
  ledger.acknowledge(lines(1, 3));
  assert.deepEqual(ledger.lost(0, 5), [2, 4, 5]);
  assert.equal(ledger.count, 2);
  assert.deepEqual(ledger.problems, []);
});

test('the last batch may come again after a kill, an older one may not', (t) => {
  const now = t.mock.method(performance, 'now', () => 0);
  const ledger = new Ledger(1, 'memory');
  for (const number of [1, 2, 3, 4, 5]) {
    now.mock.mockImplementation(() => 2000 * number);
    ledger.store(1, lines(number));
  }
  ledger.ended(1);
  ledger.store(2, lines(3, 4, 5));
  assert.deepEqual(ledger.problems, []);
  assert.deepEqual([ledger.duplicates, ledger.mostRepeatedLines, ledger.mostRepeatedRequests], [3, 3, 3]);
  ledger.store(2, lines(2));
  assert.deepEqual(ledger.problems, ['line 2 of file 0 came again, 3 requests and 6000 ms before the last of run 1']);
});

test('with a queue on disk a line may be there once for each run that has read it, up to some size', () => {
  const ledger = new Ledger(1, 'wal');
  const read = (readBy: number, number: number) => entry(contentOf({ file: 0, number }), 0, readBy);
  ledger.store(3, [read(1, 1), read(2, 1)]);
  assert.deepEqual(ledger.problems, []);
  ledger.store(3, [read(2, 1)]);
  assert.deepEqual(ledger.problems, ['line 1 of file 0 came twice from run 3 of the collector']);
  const numbers = Array.from({ length: 30_000 }, (_, index) => index + 2);
  ledger.store(3, [...numbers.map((number) => read(1, number)), ...numbers.map((number) => read(2, number))]);
  assert.match(ledger.problems[1] ?? '', /came again, after 2097152 bytes/);
});

test('without a kill nothing may come again', () => {
  const ledger = new Ledger(1, 'memory');
  ledger.store(1, lines(1));
  ledger.store(1, lines(1));
  assert.deepEqual(ledger.problems, ['line 1 of file 0 came twice from run 1 of the collector']);
});

test('new lines of a stream must come in order, those that come again need not', () => {
  const ledger = new Ledger(1, 'memory');
  ledger.store(1, lines(1, 2, 4));
  ledger.ended(1);
  ledger.store(2, lines(2, 4, 5));
  assert.deepEqual(ledger.problems, []);
  ledger.store(2, lines(3));
  assert.deepEqual(ledger.problems, ['line 3 of file 0 comes after line 5 of the same stream']);
});

test('the end of a line may come alone if the line has arrived, anything else that was not written is told', () => {
  const ledger = new Ledger(2, 'memory');
  const end = entry(contentOf({ file: 0, number: 7 }).slice(20));
  ledger.store(1, [end]);
  assert.deepEqual(ledger.problems, ['only the end of line 7 of file 0 has arrived']);
  ledger.store(1, lines(7));
  ledger.store(1, [end]);
  assert.equal(ledger.problems.length, 1);
  assert.equal(ledger.torn, 2);
  const wrong = [entry(''), entry('f0 n1 f0 n1'), entry(contentOf({ file: 0, number: 8 }).slice(0, 20))];
  for (const other of [...wrong, entry(contentOf({ file: 0, number: 8 }), 1)]) {
    const before: number = ledger.problems.length;
    ledger.store(1, [other]);
    assert.equal(ledger.problems.length, before + 1, other.line);
  }
});
