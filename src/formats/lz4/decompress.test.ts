import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError, TooLargeError } from '../../base/parse-error.ts';
import { decompress } from './decompress.ts';
import { xxhash32 } from './xxhash32.ts';

/** What the frames below hold, which the `lz4` program has written. */
const text = Array.from({ length: 12 }, (_, index) => `GET /api/${(index * index) % 97} 200\n`).join('').repeat(2); // prettier-ignore
const noise = Buffer.from(Array.from({ length: 40 }, (_, index) => (index * index * 7919) >>> 7));

const frames: readonly [name: string, base64: string, content: Buffer][] = [
  [
    'a usual frame',
    'BCJNGGRAp0sAAAD1AEdFVCAvYXBpLzAgMjAwCg8AGjEPABo0DwAaOQ8AKjE2EAAqMjUQABszIAAbNEAAGzZfABs4fgAaM08AGzIvAA+7AJpQIDIwMAoAAAAA6glyMQ==',
    Buffer.from(text),
  ],
  [
    'linked blocks, and its size',
    'BCJNGGxAdgEAAAAAAAATSwAAAPUAR0VUIC9hcGkvMCAyMDAKDwAaMQ8AGjQPABo5DwAqMTYQACoyNRAAGzMgABs0QAAbNl8AGzh+ABozTwAbMi8AD7sAmlAgMjAwCgAAAADqCXIx',
    Buffer.from(text),
  ],
  [
    'checksums of blocks',
    'BCJNGHRAvUsAAAD1AEdFVCAvYXBpLzAgMjAwCg8AGjEPABo0DwAaOQ8AKjE2EAAqMjUQABszIAAbNEAAGzZfABs4fgAaM08AGzIvAA+7AJpQIDIwMApewN4IAAAAAOoJcjE=',
    Buffer.from(text),
  ],
  [
    'no checksum',
    'BCJNGGBAgkkAAAD1AEdFVCAvYXBpLzAgMjAwCg8AGjEPABo0DwAbOS0AGjYQACoyNRAAGzMgABs0QAAbNl8AGzh+ABszXwALLwAPuwCaUCAyMDAKAAAAAA==',
    Buffer.from(text),
  ],
  [
    'a block that is not compressed',
    'BCJNGGRApygAAIAAPfcs3Qqz13eTKj3M111g3tdMPqqT99czCl4tdz6APngtXgsz2PiTAAAAACT+gkU=',
    noise,
  ],
];
const bytes = (base64: string): Buffer => Buffer.from(base64, 'base64');
const [[, usual] = ['', '']] = frames;
const limit = 1024 * 1024;

for (const [name, base64, content] of frames) {
  test(`a frame is read that has ${name}`, () => {
    assert.deepEqual(decompress(bytes(base64), limit), content);
  });

  test(`a frame that has ${name} is not read where it is cut off`, () => {
    const whole = bytes(base64);
    for (let length = 0; length < whole.length; length++)
      assert.ok(decompress(whole.subarray(0, length), limit) instanceof ParseError, String(length));
  });
}

test('frames follow one another, with some to pass over', () => {
  const skipped = Buffer.from('5a2a4d1803000000616263', 'hex');
  const all = frames.flatMap(([, base64]) => [skipped, bytes(base64)]);
  assert.deepEqual(decompress(Buffer.concat(all), limit), Buffer.concat(frames.map(([, , content]) => content)));
});

test('what would be too large gives an error of its own', () => {
  for (const [name, base64, content] of frames) {
    assert.deepEqual(decompress(bytes(base64), content.length), content, name);
    assert.ok(decompress(bytes(base64), content.length - 1) instanceof TooLargeError, name);
  }
});

test('damaged frames give an error, or what their checksum does not cover', () => {
  fc.assert(
    fc.property(fc.constantFrom(...frames), fc.nat(), fc.integer({ min: 1, max: 255 }), ([, base64], place, change) => {
      const frame = bytes(base64);
      const at = place % frame.length;
      frame[at] = (frame[at] ?? 0) ^ change;
      const result = decompress(frame, limit);
      assert.ok(result instanceof ParseError || result.length < limit);
    }),
  );
});

test('broken frames say what is wrong', () => {
  const changed = (at: number, value: number): Buffer => {
    const frame = bytes(usual);
    frame[at] = value;
    return frame;
  };
  const cases: readonly [frame: Buffer, message: string][] = [
    [Buffer.from('hello world'), 'is not an LZ4 frame'],
    [changed(4, 0x24), 'LZ4 frame has an unknown version'],
    [changed(5, 0x30), 'LZ4 frame has an unknown block size'],
    [changed(4, 0x65), 'LZ4 frame needs a dictionary'],
    [changed(6, 0), 'LZ4 frame has a wrong checksum'],
    [changed(14, 0x58), 'LZ4 data has a wrong checksum'],
    [changed(29, 0xff), 'LZ4 block is broken'],
  ];
  for (const [frame, message] of cases) assert.deepEqual(decompress(frame, limit), new ParseError(message));
});

test('hashes are those that others compute', () => {
  const cases: readonly [text: string, hash: number][] = [
    ['', 0x02cc5d05],
    ['a', 0x550d7456],
    ['abc', 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ];
  for (const [given, hash] of cases) assert.equal(xxhash32(Buffer.from(given), 0, given.length), hash, given);
});
