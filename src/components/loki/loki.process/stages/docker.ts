import { parseRfc3339 } from '../../../../base/rfc3339.ts';
import { compileJsonScan, jsonKind } from '../../../../formats/json/json-scan.ts';
import { stage } from '../stage.ts';

export const docker = stage({
  doc: `
Reads lines in the format of Docker's json-file driver: the field \`log\` becomes the line, with the line break it ends
in, \`stream\` becomes the label \`stream\`, and \`time\` becomes the timestamp. Other lines pass unchanged. Sets the
extracted values \`output\`, \`stream\` and \`timestamp\`.`,
  fields: {},
  compile(_args, { slots }) {
    const outputSlot = slots.writes('output');
    const streamSlot = slots.writes('stream');
    const timestampSlot = slots.writes('timestamp');
    const scan = compileJsonScan(['log', 'stream', 'time']);
    const textAt = (index: number): string => String(scan.value(index) ?? '');
    const time = { seconds: 0, nanos: 0 };
    return (next) => (cursor) => {
      cursor.needBytes();
      scan.scan(cursor.bytes, cursor.start, cursor.end);
      const log = scan.kinds.every(isText) ? textAt(0) : '';
      if (log !== '') {
        const stream = textAt(1);
        const timestamp = textAt(2);
        const bytes = Buffer.from(timestamp);
        if (parseRfc3339(bytes, 0, bytes.length, time)) {
          cursor.seconds = time.seconds;
          cursor.nanos = time.nanos;
        }
        cursor.setText(log);
        cursor.labels = cursor.labels.with('stream', stream);
        cursor.extracted.set(outputSlot, log);
        cursor.extracted.set(streamSlot, stream);
        cursor.extracted.set(timestampSlot, timestamp);
      }
      next(cursor);
    };
  },
});

/** Whether a field is a string, or not there, which is as good as an empty one. */
function isText(kind: number): boolean {
  switch (kind) {
    case jsonKind.missing:
    case jsonKind.null:
    case jsonKind.string:
    case jsonKind.escapedString:
      return true;
    default:
      return false;
  }
}
