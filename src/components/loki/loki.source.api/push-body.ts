import { ParseError } from '../../../base/parse-error.ts';
import type { DecodedPush, PushLimits } from '../../../formats/loki-push/decoded-push.ts';
import { decodePush } from '../../../formats/loki-push/decode.ts';
import { decodeJsonPush } from '../../../formats/loki-push/json.ts';
import { decompress, decompressedSize } from '../../../formats/snappy/decompress.ts';
import { laterAnswer, textAnswer, type HttpAnswer } from '../../../net/http-answer.ts';
import { tooLarge, type BodyLimits } from '../../../net/request-body.ts';

/** A label set takes many times what its text takes. */
const maxStreams = 50_000;

/** How many entries and streams a request of some size may have, whose columns then take no more than its text. */
export function pushLimits(maxBytes: number): PushLimits {
  return { maxEntries: Math.max(65_536, Math.floor(maxBytes / 32)), maxStreams };
}

/** Reads the body of a push request, which is JSON or protobuf in snappy; the answer says what is wrong with it. */
export function decodeBody(body: Buffer, isJson: boolean, limits: BodyLimits): DecodedPush | HttpAnswer {
  const content = isJson ? body : unpack(body, limits);
  if (!Buffer.isBuffer(content)) return content;
  const decode = isJson ? decodeJsonPush : decodePush;
  const decoded = decode(content, Date.now(), pushLimits(limits.maxBytes));
  return decoded instanceof ParseError ? textAnswer(400, decoded.message) : decoded;
}

function unpack(body: Buffer, limits: BodyLimits): Buffer | HttpAnswer {
  const size = decompressedSize(body);
  if (size instanceof ParseError) return textAnswer(400, size.message);
  if (size > limits.maxBytes) return tooLarge(limits);
  if (!limits.memory.take(size)) return laterAnswer(429, 'too many bytes are under way');
  const content = decompress(body, size);
  limits.memory.giveBack(body.length);
  return content instanceof ParseError ? textAnswer(400, content.message) : content;
}
