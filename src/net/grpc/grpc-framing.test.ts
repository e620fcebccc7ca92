import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ByteBudget } from '../../base/byte-budget.ts';
import { MessageReader, messageHead, type MessageProblem } from './grpc-framing.ts';

const unlimited = { take: () => true };

function push(reader: MessageReader, piece: Buffer): MessageProblem | undefined {
  return reader.push(piece, 0, piece.length);
}

test('a message comes back however it is cut into pieces', () => {
  const cuts = fc.array(fc.nat({ max: 3000 }), { maxLength: 10 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 3000 }), fc.boolean(), cuts, (content, isCompressed, places) => {
      const message = Buffer.from(content);
      const stream = Buffer.concat([messageHead(message.length, isCompressed), message]);
      const reader = new MessageReader(3000, unlimited);
      let at = 0;
      for (const end of [...places.toSorted((a, b) => a - b), stream.length]) {
        assert.equal(push(reader, stream.subarray(at, end)), undefined);
        at = Math.max(at, Math.min(end, stream.length));
      }
      assert.deepEqual(reader.message, message);
      assert.equal(reader.isCompressed, isCompressed);
    }),
  );
});

test('a large message grows as it comes', () => {
  const message = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 251));
  const reader = new MessageReader(message.length, unlimited);
  push(reader, messageHead(message.length, false));
  for (let at = 0; at < message.length; at += 16_384)
    assert.equal(push(reader, message.subarray(at, at + 16_384)), undefined);
  assert.deepEqual(reader.message, message);
});

test('what cannot be taken is refused as soon as it can be seen', () => {
  const head = messageHead(100, false);
  const cases: readonly [name: string, pieces: readonly Buffer[], problem: string][] = [
    ['a message that says it is too large', [messageHead(101, false)], 'too large'],
    ['an unknown flag', [Buffer.from([2, 0, 0, 0, 1])], 'malformed'],
    ['more than the message', [Buffer.concat([head, Buffer.alloc(101)])], 'second'],
    ['more, later', [head, Buffer.alloc(60), Buffer.alloc(41)], 'second'],
    ['more after the message', [head, Buffer.alloc(100), Buffer.alloc(1)], 'second'],
  ];
  for (const [name, pieces, problem] of cases) {
    const reader = new MessageReader(100, unlimited);
    const problems = pieces.map((piece) => push(reader, piece));
    assert.equal(problems.pop(), problem, name);
    assert.ok(
      problems.every((each) => each === undefined),
      name,
    );
  }
});

test('memory is taken as a message comes, and at most its length', () => {
  const budget = new ByteBudget(5_000_000);
  const memory = budget.open();
  const reader = new MessageReader(4_000_000, memory);
  push(reader, messageHead(4_000_000, false));
  assert.ok(budget.used < 1_100_000);
  for (let at = 0; at < 4_000_000; at += 100_000) assert.equal(push(reader, Buffer.alloc(100_000)), undefined);
  assert.equal(budget.used, 4_000_000);
  assert.ok(reader.message);
  const other = new MessageReader(4_000_000, budget.open());
  const problems = [messageHead(1_000_001, false), Buffer.alloc(1)].map((piece) => push(other, piece));
  assert.equal(problems.at(-1), 'no memory');
});

test('a reader knows whether nothing has come, and how much should', () => {
  const reader = new MessageReader(100, unlimited);
  assert.ok(reader.isEmpty);
  push(reader, messageHead(7, true).subarray(0, 3));
  assert.ok(!reader.isEmpty);
  push(reader, messageHead(7, true).subarray(3));
  assert.equal(reader.length, 7);
  assert.equal(reader.message, undefined);
});
