import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ParseError } from '../../base/parse-error.ts';
import { partialSuccess } from '../../testkit/otlp-collector.ts';
import { readExportResponse, readJsonExportResponse } from './export-response.ts';

const nothing = { rejected: 0, message: '' };

test('what protobufjs writes is read', () => {
  const count = fc.integer({ min: 0, max: 2 ** 31 });
  fc.assert(
    fc.property(count, fc.string({ maxLength: 100 }), (rejected, message) => {
      const response = partialSuccess('Logs', { rejectedLogRecords: rejected, errorMessage: message });
      assert.deepEqual(readExportResponse(response), { rejected, message });
    }),
  );
  assert.deepEqual(readExportResponse(Buffer.alloc(0)), nothing);
  assert.deepEqual(readExportResponse(Buffer.from([0x0a, 0])), nothing);
});

test('a count that is none is taken for nothing', () => {
  assert.deepEqual(readExportResponse(partialSuccess('Trace', { rejectedSpans: '-5' })), nothing);
});

test('a long message is cut', () => {
  const read = readExportResponse(partialSuccess('Trace', { errorMessage: 'x'.repeat(50_000) }));
  assert.ok(!(read instanceof ParseError) && read.message.length === 1024);
});

test('no bytes make it fail', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      readExportResponse(Buffer.from(bytes));
      readJsonExportResponse('traces', Buffer.from(bytes));
    }),
  );
});

test('what is broken is told', () => {
  for (const bytes of [[0x0a, 5, 1], [0x0a, 1, 0x08], [0xff], [0x0b]])
    assert.ok(readExportResponse(Buffer.from(bytes)) instanceof ParseError);
});

const inJson = [
  ['', nothing],
  ['{}', nothing],
  ['{"partialSuccess":{}}', nothing],
  ['{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"no"}}', { rejected: 3, message: 'no' }],
  ['{"partial_success":{"rejected_data_points":3,"error_message":"no"}}', { rejected: 3, message: 'no' }],
  ['{"partialSuccess":{"rejectedDataPoints":{},"errorMessage":5}}', { rejected: 0, message: '5' }],
  ['{"partialSuccess":[]}', undefined],
  ['[]', undefined],
  ['null', undefined],
  ['{', undefined],
] as const;
for (const [text, expected] of inJson) {
  test(`in JSON ${text} ${expected === undefined ? 'makes no sense' : 'is read'}`, () => {
    const read = readJsonExportResponse('metrics', Buffer.from(text));
    if (expected === undefined) assert.ok(read instanceof ParseError);
    else assert.deepEqual(read, expected);
  });
}
