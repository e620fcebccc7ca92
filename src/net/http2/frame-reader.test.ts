import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { frameFlags, frameTypes, Http2Error } from './codes.ts';
import { FrameReader, type FrameHandler, type FrameHead } from './frame-reader.ts';

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly content: Buffer;
}

/** Keeps whole frames; data without its padding. */
class Recorder implements FrameHandler {
  readonly frames: Frame[] = [];
  #data: Buffer[] = [];

  frameBegins(): void {
    this.#data = [];
  }

  data(bytes: Buffer, start: number, end: number): void {
    this.#data.push(Buffer.from(bytes.subarray(start, end)));
  }

  dataEnds({ type, flags, stream }: FrameHead): void {
    this.frames.push({ type, flags, stream, content: Buffer.concat(this.#data) });
  }

  frame({ type, flags, stream }: FrameHead, bytes: Buffer, start: number, end: number): void {
    this.frames.push({ type, flags, stream, content: Buffer.from(bytes.subarray(start, end)) });
  }
}

function encode({ type, flags, stream, content }: Frame, padding?: number): Buffer {
  const isPadded = padding !== undefined;
  const body = isPadded ? Buffer.concat([Buffer.of(padding), content, Buffer.alloc(padding)]) : content;
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = type;
  head[4] = isPadded ? flags | frameFlags.padded : flags;
  // The first bit means nothing.
  head.writeUInt32BE(0x8000_0000 + stream, 5);
  return Buffer.concat([head, body]);
}

const frame = fc.record(
  {
    type: fc.nat({ max: 12 }),
    flags: fc.constantFrom(0, 1, 4, 5),
    stream: fc.nat({ max: 2 ** 31 - 1 }),
    content: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  },
  { noNullPrototype: true },
);

test('frames come back however they are cut into pieces, and data without its padding', () => {
  const padded = fc.tuple(frame, fc.option(fc.nat({ max: 50 }), { nil: undefined }));
  fc.assert(
    fc.property(
      fc.array(padded, { maxLength: 10 }),
      fc.array(fc.nat({ max: 3000 }), { maxLength: 20 }),
      (given, cuts) => {
        const whole = given.map(([each, padding]): [Frame, number | undefined] =>
          each.type === frameTypes.data ? [each, padding] : [each, undefined],
        );
        const bytes = Buffer.concat(whole.map(([each, padding]) => encode(each, padding)));
        const recorder = new Recorder();
        const reader = new FrameReader(recorder);
        let at = 0;
        for (const end of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
          const to = Math.max(at, Math.min(end, bytes.length));
          // What was read is overwritten, as shared memory is.
          const piece = Buffer.from(bytes.subarray(at, to));
          reader.read(piece, 0, piece.length);
          piece.fill(0xee);
          at = to;
        }
        const expected = whole.map(([each, padding]) =>
          padding === undefined ? each : { ...each, flags: each.flags | frameFlags.padded },
        );
        assert.deepEqual(recorder.frames, expected);
      },
    ),
  );
});

test('frames that are too large, or have more padding than content, end the reading', () => {
  const read = (bytes: Buffer): void => new FrameReader(new Recorder()).read(bytes, 0, bytes.length);
  const of = (type: number, flags: number, content: Buffer): Buffer => encode({ type, flags, stream: 1, content });
  assert.throws(() => read(of(frameTypes.data, 0, Buffer.alloc(16_385))), Http2Error);
  assert.throws(() => read(of(frameTypes.headers, 0, Buffer.alloc(16_385))), Http2Error);
  assert.throws(() => read(of(frameTypes.data, frameFlags.padded, Buffer.alloc(0))), Http2Error);
  assert.throws(() => read(of(frameTypes.data, frameFlags.padded, Buffer.of(1))), Http2Error);
  read(of(frameTypes.data, frameFlags.padded, Buffer.of(1, 0)));
  read(of(frameTypes.data, 0, Buffer.alloc(16_384)));
});
