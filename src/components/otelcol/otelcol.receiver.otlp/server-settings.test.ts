import assert from 'node:assert/strict';
import { test } from 'node:test';
import { argumentsFrom } from '../../../testkit/arguments.ts';
import { largestBody, largestMessage, otlpReceiverFields, type OtlpReceiverArgs } from './fields.ts';
import { grpcSettings, httpSettings } from './server-settings.ts';

function argumentsOf(grpc: string, http = ''): Required<Pick<OtlpReceiverArgs, 'grpc' | 'http'>> {
  return argumentsFrom(otlpReceiverFields, `grpc {\n${grpc}\n}\nhttp {\n${http}\n}\noutput { }`);
}

const mebibyte = 1024 * 1024;

for (const [size, message, body] of [
  ['0', 4 * mebibyte, 20 * mebibyte],
  ['500KiB', 4 * mebibyte, 500 * 1024],
  ['1500KiB', mebibyte, 1500 * 1024],
  ['64MiB', 64 * mebibyte, 64 * mebibyte],
] as const) {
  test(`with limits of ${size}, messages have ${message} bytes at most, and bodies ${body}`, () => {
    const { grpc, http } = argumentsOf(`max_recv_msg_size = "${size}"`, `max_request_body_size = "${size}"`);
    assert.ok(grpc !== undefined && http !== undefined);
    assert.deepEqual([largestMessage(grpc), largestBody(http)], [message, body]);
    assert.equal(grpcSettings(grpc).limits.maxMessageBytes, message);
  });
}

const usual = {
  maxIdle: 0,
  maxAge: 0,
  maxAgeGrace: 0,
  time: 7_200_000,
  timeout: 20_000,
  minPingInterval: 300_000,
  allowsIdlePings: false,
};
const keepalives: readonly (readonly [text: string, wanted: object])[] = [
  ['', {}],
  ['keepalive { }', {}],
  ['keepalive {\nserver_parameters { }\nenforcement_policy { }\n}', {}],
  ['keepalive {\nserver_parameters {\ntime = "0s"\ntimeout = "0s"\n}\nenforcement_policy {\nmin_time = "0s"\n}\n}', {}],
  ['keepalive {\nserver_parameters {\ntime = "10ms"\ntimeout = "10ms"\n}\n}', { time: 1000, timeout: 10 }],
  [
    'keepalive {\nserver_parameters {\nmax_connection_idle = "1s"\nmax_connection_age = "2s"\nmax_connection_age_grace = "3s"\n}\n}',
    { maxIdle: 1000, maxAge: 2000, maxAgeGrace: 3000 },
  ],
  [
    'keepalive {\nenforcement_policy {\nmin_time = "10s"\npermit_without_stream = true\n}\n}',
    { minPingInterval: 10_000, allowsIdlePings: true },
  ],
];
for (const [text, wanted] of keepalives) {
  test(`connections are kept as ${JSON.stringify(text)} says`, () => {
    const { grpc } = argumentsOf(text);
    assert.ok(grpc !== undefined);
    assert.deepEqual(grpcSettings(grpc).limits.keepalive, { ...usual, ...wanted });
  });
}

const times: readonly (readonly [text: string, wanted: readonly [head: number, request: number, idle: number]])[] = [
  ['', [60_000, 300_000, 60_000]],
  ['read_header_timeout = "1s"\nread_timeout = "2s"\nidle_timeout = "3s"', [1000, 2000, 3000]],
  ['read_header_timeout = "0s"\nread_timeout = "0s"\nidle_timeout = "0s"', [0, 300_000, 0]],
];
for (const [text, wanted] of times) {
  test(`clients have the time that ${JSON.stringify(text)} gives them`, () => {
    const { http } = argumentsOf('', text);
    assert.ok(http !== undefined);
    const { address, limits } = httpSettings(http);
    assert.deepEqual([limits.headersTimeout, limits.requestTimeout, limits.keepAliveTimeout], wanted);
    assert.deepEqual(address, { host: '0.0.0.0', port: 4318 });
  });
}
