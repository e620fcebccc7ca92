import type { ByteBuilder } from '../../base/byte-builder.ts';
import { formatFloat } from '../../base/go-printf/format-float.ts';
import { appendBytes, appendNull, appendText } from '../logfmt/logfmt-writer.ts';
import { ValueCursor } from './value-cursor.ts';

const cursor = new ValueCursor();
const notSupported = Buffer.from('unsupported value type');

/** Appends an AnyValue message as the value of a logfmt pair, as Alloy does: there is no form for maps and arrays. */
export function appendLogfmtValue(out: ByteBuilder, bytes: Buffer, valueStart: number, valueEnd: number): void {
  cursor.read(bytes, valueStart, valueEnd);
  const { type, start, end } = cursor;
  switch (type) {
    case 'string':
      appendText(out, bytes, start, end);
      break;
    case 'bytes':
      appendBytes(out, bytes, start, end);
      break;
    case 'bool':
      out.appendAscii(cursor.bool ? 'true' : 'false');
      break;
    case 'int':
      cursor.appendInt(out);
      break;
    case 'double':
      out.appendAscii(formatFloat(cursor.double, 'g'));
      break;
    case 'empty':
      appendNull(out);
      break;
    default:
      appendText(out, notSupported, 0, notSupported.length);
  }
}
