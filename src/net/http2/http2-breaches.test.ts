import assert from 'node:assert/strict';
import * as net from 'node:net';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { until } from '../../testkit/until.ts';
import { EchoServer, frame, setting, talk, word } from '../../testkit/http2-peers.ts';
import { frameFlags, frameTypes, http2Codes, preface, settingIds } from './codes.ts';
import { encodeHeaderBlock } from './header-block.ts';

// What clients do that follow no rules, or follow them in odd ways.

const { endStream, endHeaders, ack, padded, priority } = frameFlags;
const settings = frame(frameTypes.settings, 0, 0);
const post = encodeHeaderBlock({ ':method': 'POST', ':path': '/', ':scheme': 'http' });
const open = (stream: number): Buffer => frame(frameTypes.headers, endHeaders, stream, post);
const whole = (stream: number): Buffer => frame(frameTypes.headers, endHeaders | endStream, stream, post);

const breaches: readonly [name: string, bytes: readonly Buffer[], code: keyof typeof http2Codes][] = [
  ['no settings at first', [whole(1)], 'protocolError'],
  ['settings of a stream', [frame(frameTypes.settings, 0, 1)], 'protocolError'],
  ['an acknowledgement before settings', [frame(frameTypes.settings, ack, 0)], 'protocolError'],
  ['an acknowledgement with content', [settings, frame(frameTypes.settings, ack, 0, setting(1, 1))], 'frameSizeError'],
  ['settings of a wrong size', [frame(frameTypes.settings, 0, 0, Buffer.alloc(5))], 'frameSizeError'],
  [
    'a window that is too large',
    [frame(frameTypes.settings, 0, 0, setting(settingIds.initialWindowSize, 2 ** 31))],
    'flowControlError',
  ],
  [
    'frames that are too small',
    [frame(frameTypes.settings, 0, 0, setting(settingIds.maxFrameSize, 100))],
    'protocolError',
  ],
  [
    'a push that is half allowed',
    [frame(frameTypes.settings, 0, 0, setting(settingIds.enablePush, 2))],
    'protocolError',
  ],
  ['a push', [settings, frame(frameTypes.pushPromise, 0, 1, word(2))], 'protocolError'],
  ['a ping of a wrong size', [settings, frame(frameTypes.ping, 0, 0, word(1))], 'frameSizeError'],
  ['a ping of a stream', [settings, frame(frameTypes.ping, 0, 1, word(1, 2))], 'protocolError'],
  ['a window update of a wrong size', [settings, frame(frameTypes.windowUpdate, 0, 0, word(1, 2))], 'frameSizeError'],
  ['a window update of nothing', [settings, frame(frameTypes.windowUpdate, 0, 0, word(0))], 'protocolError'],
  ['a window that overflows', [settings, frame(frameTypes.windowUpdate, 0, 0, word(2 ** 31 - 1))], 'flowControlError'],
  [
    'a window of a stream that is not there',
    [settings, frame(frameTypes.windowUpdate, 0, 1, word(1))],
    'protocolError',
  ],
  ['a reset of a wrong size', [settings, open(1), frame(frameTypes.rstStream, 0, 1, word(1, 2))], 'frameSizeError'],
  ['a reset of a stream that is not there', [settings, frame(frameTypes.rstStream, 0, 1, word(1))], 'protocolError'],
  ['data of no stream', [settings, frame(frameTypes.data, 0, 0, word(1))], 'protocolError'],
  ['data of a stream that is not there', [settings, frame(frameTypes.data, 0, 1, word(1))], 'protocolError'],
  [
    'data with too much padding',
    [settings, open(1), frame(frameTypes.data, padded, 1, Buffer.of(9, 1))],
    'protocolError',
  ],
  ['headers of no stream', [settings, frame(frameTypes.headers, endHeaders, 0, post)], 'protocolError'],
  ['headers of an even stream', [settings, whole(2)], 'protocolError'],
  [
    'headers that cannot be read',
    [settings, frame(frameTypes.headers, endHeaders, 1, Buffer.of(0xff))],
    'compressionError',
  ],
  [
    'headers with too much padding',
    [settings, frame(frameTypes.headers, endHeaders | padded, 1, Buffer.of(9, 1))],
    'protocolError',
  ],
  [
    'headers that something interrupts',
    [settings, frame(frameTypes.headers, 0, 1, post), frame(frameTypes.ping, 0, 0, word(1, 2))],
    'protocolError',
  ],
  [
    'headers that go on on another stream',
    [settings, frame(frameTypes.headers, 0, 1, post), frame(frameTypes.continuation, endHeaders, 3, post)],
    'protocolError',
  ],
  [
    'headers that go on without a beginning',
    [settings, frame(frameTypes.continuation, endHeaders, 1, post)],
    'protocolError',
  ],
  ['a farewell of a wrong size', [settings, frame(frameTypes.goaway, 0, 0, word(1))], 'frameSizeError'],
  ['a priority of no stream', [settings, frame(frameTypes.priority, 0, 0, Buffer.alloc(5))], 'protocolError'],
  [
    'a frame that is too large',
    [settings, open(1), frame(frameTypes.data, 0, 1, Buffer.alloc(16_385))],
    'frameSizeError',
  ],
  [
    'headers without an end',
    [
      settings,
      frame(frameTypes.headers, 0, 1, post),
      ...Array.from({ length: 2000 }, () => frame(frameTypes.continuation, 0, 1, Buffer.alloc(16))),
    ],
    'enhanceYourCalm',
  ],
  [
    'headers without an end, of empty parts',
    [
      settings,
      frame(frameTypes.headers, 0, 1, post),
      ...Array.from({ length: 3000 }, () => frame(frameTypes.continuation, 0, 1)),
    ],
    'enhanceYourCalm',
  ],
  [
    'streams that are reset at once, in masses',
    [
      settings,
      ...Array.from({ length: 1200 }, (_, index) =>
        Buffer.concat([open(2 * index + 1), frame(frameTypes.rstStream, 0, 2 * index + 1, word(8))]),
      ),
    ],
    'enhanceYourCalm',
  ],
  [
    'streams that must be reset, in masses',
    [
      settings,
      ...Array.from({ length: 1200 }, (_, index) =>
        Buffer.concat([open(2 * index + 1), frame(frameTypes.windowUpdate, 0, 2 * index + 1, word(0))]),
      ),
    ],
    'enhanceYourCalm',
  ],
];
test('who breaks the rules is sent away with the code for it, and nobody else', async () => {
  using server = await EchoServer.start();
  for (const [name, bytes, code] of breaches) {
    const frames = await talk(server.port, bytes, () => false);
    assert.equal(frames.at(-1), `goaway ${http2Codes[code]}`, name);
  }
  assert.deepEqual(await talk(server.port, [settings, whole(1)], ({ length }) => length === 2), [
    'headers 1',
    'headers 1',
  ]);
  await until(() => server.errors.length === breaches.length + 1);
});

const grow = frame(frameTypes.windowUpdate, 0, 1, word(2 ** 31 - 1));
const streamBreaches: readonly [name: string, bytes: readonly Buffer[], code: keyof typeof http2Codes][] = [
  [
    'a name in upper case',
    [frame(frameTypes.headers, endHeaders, 1, Buffer.from('0001410162', 'hex'))],
    'protocolError',
  ],
  [
    'headers that are too large',
    [
      frame(
        frameTypes.headers,
        endHeaders,
        1,
        Buffer.concat(Array.from({ length: 20 }, () => encodeHeaderBlock({ x: 'x'.repeat(600) }))),
      ),
    ],
    'enhanceYourCalm',
  ],
  [
    'data behind the end',
    [open(1), frame(frameTypes.data, endStream, 1), frame(frameTypes.data, 0, 1, word(1))],
    'streamClosed',
  ],
  ['headers behind the end', [whole(1), whole(1)], 'streamClosed'],
  ['headers in the middle', [open(1), open(1)], 'protocolError'],
  ['a window update of nothing', [open(1), frame(frameTypes.windowUpdate, 0, 1, word(0))], 'protocolError'],
  ['a window that overflows', [open(1), grow, grow], 'flowControlError'],
];
test('a stream whose rules are broken is reset, and the connection goes on', async () => {
  // Answers wait, so that streams are there still.
  using server = await EchoServer.start();
  for (const [name, bytes, code] of streamBreaches) {
    const closed = [frame(frameTypes.settings, 0, 0, setting(settingIds.initialWindowSize, 0)), ...bytes];
    const ping = frame(frameTypes.ping, 0, 0, Buffer.from('still on'));
    const frames = await talk(server.port, [...closed, ping], (all) => all.includes('ping still on'));
    assert.deepEqual(
      frames.filter((each) => !each.startsWith('headers')),
      [`reset 1: ${http2Codes[code]}`, 'ping still on'],
      name,
    );
  }
});

test('what a client may do beside is taken: priorities, padding, unknown frames and settings, trailers', async () => {
  using server = await EchoServer.start();
  const frames = await talk(
    server.port,
    [
      frame(frameTypes.settings, 0, 0, Buffer.concat([setting(99, 7), setting(settingIds.headerTableSize, 0)])),
      frame(77, 0xff, 5, Buffer.alloc(100)),
      frame(frameTypes.priority, 0, 3, Buffer.alloc(5)),
      frame(
        frameTypes.headers,
        endHeaders | padded | priority,
        1,
        Buffer.concat([Buffer.of(3), Buffer.alloc(5), post, Buffer.alloc(3)]),
      ),
      frame(frameTypes.data, padded, 1, Buffer.of(2, 65, 66, 0, 0)),
      frame(frameTypes.headers, endHeaders | endStream, 1, encodeHeaderBlock({ 'x-more': '1' })),
    ],
    ({ length }) => length === 2,
  );
  assert.deepEqual(frames, ['headers 1', 'headers 1']);
});

test('a client that asks for much and reads nothing is given up', async () => {
  using server = await EchoServer.start();
  const socket = net.connect({ port: server.port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.pause();
  let isClosed = false;
  socket.on('close', () => (isClosed = true));
  const pings = Buffer.concat(Array.from({ length: 5000 }, () => frame(frameTypes.ping, 0, 0, Buffer.alloc(8))));
  socket.write(Buffer.concat([preface, settings]));
  await until(() => {
    if (socket.writableLength < 1e6 && !isClosed) socket.write(pings);
    return server.errors.length > 0;
  });
  assert.match(server.errors[0]?.message ?? '', /does not read/);
  socket.destroy();
});

test('a request that looks like an interim answer is one, and counts like any other', async () => {
  using server = await EchoServer.start({ maxStreams: 2 });
  const block = encodeHeaderBlock({ ':status': '100', ':method': 'POST' });
  const odd = (stream: number): Buffer => frame(frameTypes.headers, endHeaders, stream, block);
  const frames = await talk(server.port, [settings, odd(1), odd(3), odd(5)], ({ length }) => length === 1);
  assert.deepEqual(frames, [`reset 5: ${http2Codes.refusedStream}`]);
  assert.equal(server.streams.length, 2);
});

test('more streams than a client may have open are refused', async () => {
  using server = await EchoServer.start({ maxStreams: 2 });
  const frames = await talk(server.port, [settings, open(1), open(3), open(5)], ({ length }) => length === 1);
  assert.deepEqual(frames, [`reset 5: ${http2Codes.refusedStream}`]);
});

test('any bytes, also of frames that are nearly right, are answered or refused, and the server goes on', async () => {
  using server = await EchoServer.start();
  const anyFrame = fc
    .tuple(
      fc.nat({ max: 10 }),
      fc.constantFrom(0, 1, 4, 5, 8, 13, 37),
      fc.nat({ max: 7 }),
      fc.oneof(fc.constant(post), fc.uint8Array({ maxLength: 40 })),
    )
    .map(([type, flags, stream, content]) => frame(type, flags, stream, Buffer.from(content)));
  await fc.assert(
    fc.asyncProperty(fc.array(anyFrame, { maxLength: 30 }), fc.boolean(), async (frames, hasSettings) => {
      const ping = frame(frameTypes.ping, 0, 0, Buffer.from('the last'));
      // It says nothing more when it is over.
      await talk(
        server.port,
        [...(hasSettings ? [settings] : []), ...frames, ping, settings, Buffer.alloc(20)],
        () => false,
      );
    }),
    { numRuns: 150 },
  );
  assert.equal((await talk(server.port, [settings, whole(1)], ({ length }) => length === 2)).length, 2);
});
