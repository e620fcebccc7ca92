import { ByteBuilder } from '../../base/byte-builder.ts';
import { utf8 } from '../../base/bytes.ts';
import { readAnyValue } from './any-value.ts';
import { appendJson } from './value-json.ts';

const json = new ByteBuilder();

/** What an AnyValue message of checked bytes is as text, as labels have it: lists and maps become JSON. */
export function readValueText(bytes: Buffer, start: number, end: number): string {
  const value = readAnyValue(bytes, start, end);
  switch (value.type) {
    case 'empty':
      return '';
    case 'double':
      return doubleText(value.value);
    case 'bytes':
      return value.value.toString('base64');
    case 'array':
    case 'map':
      json.clear();
      appendJson(json, bytes, start, end);
      return utf8(json.reserve(0), 0, json.size);
    default:
      return String(value.value);
  }
}

/** As the Collector has it, which wants JSON here, too. */
function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'json: unsupported value: NaN';
  if (!Number.isFinite(value)) return `json: unsupported value: ${value > 0 ? '+' : '-'}Inf`;
  return Object.is(value, -0) ? '-0' : String(value);
}
