import { AttributeWriter } from '../../../formats/otlp/attribute-writer.ts';
import type { ExemplarPoint } from '../../../formats/otlp/metric-writer.ts';
import { decodeLabels } from '../../../model/encoded-labels.ts';
import type { ExemplarColumns } from '../../../model/sample-batch.ts';

const [traceIdSize, spanIdSize] = [16, 8];
const writer = new AttributeWriter();

/** An exemplar with the ids that are in its labels, in any letter case. Labels that are no ids become attributes. */
export function readExemplar(columns: ExemplarColumns, index: number): ExemplarPoint {
  const { bytes, starts, ends, values, timestamps } = columns;
  const ids = Buffer.alloc(traceIdSize + spanIdSize);
  let [traceId, spanId] = [-1, -1];
  writer.clear();
  for (const [name, value] of decodeLabels(bytes, starts[index] ?? 0, ends[index] ?? 0)) {
    const lowerName = name.toLowerCase();
    if (lowerName === 'trace_id' && writeId(ids, 0, traceIdSize, value)) traceId = 0;
    else if (lowerName === 'span_id' && writeId(ids, traceIdSize, spanIdSize, value)) spanId = traceIdSize;
    else writer.text(name, value);
  }
  const attributes = writer.size === 0 ? undefined : writer.copy();
  return { time: timestamps[index] ?? 0, value: values[index] ?? 0, bytes: ids, traceId, spanId, attributes };
}

/** Writes an id from its hexadecimal digits: of too many the first, and zeros in front of too few. */
function writeId(ids: Buffer, at: number, size: number, digits: string): boolean {
  if (digits.length % 2 !== 0 || !/^[0-9a-f]+$/i.test(digits)) return false;
  const id = Buffer.from(digits, 'hex').subarray(0, size);
  id.copy(ids, at + size - id.length);
  return true;
}
