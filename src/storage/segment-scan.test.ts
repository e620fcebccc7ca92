import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { encodeHeader, headerSize } from './record-header.ts';
import { scanSegment, type Readable } from './segment-scan.ts';

function segmentOf(payloads: readonly (string | Buffer)[], first = 1): Buffer {
  return Buffer.concat(
    payloads.flatMap((text, index) => {
      const payload = Buffer.from(text);
      return [encodeHeader(first + index, 1000 + index, payload), payload];
    }),
  );
}

function fileOf(bytes: Buffer): Readable {
  return {
    read(buffer, offset, length, position) {
      return Promise.resolve({ bytesRead: bytes.copy(buffer, offset, position, position + length) });
    },
  };
}

async function scan(bytes: Buffer): Promise<{ sequences: number[]; end: number; damages: number }> {
  const { records, end, damages } = await scanSegment(fileOf(bytes), bytes.length);
  return { sequences: records.map(({ sequence }) => sequence), end, damages };
}

const payloads = ['first', 'second record', 'third', 'x'.repeat(200_000), 'last one'];
const whole = segmentOf(payloads);
const lastStart = segmentOf(payloads.slice(0, -1)).length;

test('records are found by their headers', async () => {
  assert.deepEqual(await scan(whole), { sequences: [1, 2, 3, 4, 5], end: whole.length, damages: 0 });
  assert.deepEqual(await scan(Buffer.alloc(0)), { sequences: [], end: 0, damages: 0 });
  const { records } = await scanSegment(fileOf(whole), whole.length);
  assert.deepEqual(records[1], { sequence: 2, time: 1001, length: 13, offset: headerSize + 5 });
});

test('a segment that ends anywhere within its last record has all others, and no damage', async () => {
  for (let size = lastStart; size < whole.length; size++) {
    assert.deepEqual(await scan(whole.subarray(0, size)), { sequences: [1, 2, 3, 4], end: lastStart, damages: 0 });
  }
});

test('whichever bit of a header is wrong, the other records are found', async () => {
  const starts = [0, headerSize + 5, lastStart];
  for (const [index, start] of starts.entries()) {
    const number = [1, 2, 5][index] ?? 0;
    for (let bit = 0; bit < headerSize * 8; bit++) {
      const bytes = Buffer.from(whole);
      const at = start + (bit >> 3);
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
      const { sequences } = await scan(bytes);
      const others = sequences.filter((sequence) => sequence !== number);
      assert.deepEqual(others, [1, 2, 3, 4, 5].filter((sequence) => sequence !== number), `bit ${bit} of record ${number}`); // prettier-ignore
    }
  }
});

test('what a file system may leave at the end is cut off and counted', async () => {
  const zeros = await scan(Buffer.concat([whole, Buffer.alloc(5000)]));
  assert.deepEqual(zeros, { sequences: [1, 2, 3, 4, 5], end: whole.length, damages: 1 });
  for (const size of [1, 5000]) {
    assert.deepEqual(await scan(Buffer.alloc(size)), { sequences: [], end: 0, damages: 1 });
  }
});

test('holes are counted, and what is behind them is found', async () => {
  const bytes = Buffer.concat([segmentOf(['a', 'b']), Buffer.from('nonsense'), segmentOf(['d', 'e'], 4)]);
  bytes[3] = 0;
  assert.deepEqual(await scan(bytes), { sequences: [2, 4, 5], end: bytes.length, damages: 2 });
});

test('no bytes make it fail, and records that were there before them are found', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string(), { minLength: 1, maxLength: 6 }), fc.uint8Array(), async (texts, tail) => {
      const start = segmentOf(texts);
      const { sequences, damages } = await scan(Buffer.concat([start, tail]));
      assert.deepEqual(sequences, texts.map((_, index) => index + 1)); // prettier-ignore
      assert.ok(damages <= 1);
    }),
  );
});
