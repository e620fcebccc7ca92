import { parseRfc3339 } from '../../../../base/rfc3339.ts';
import { compileJsonScan } from '../../../../formats/json/json-scan.ts';
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
    const time = { seconds: 0, nanos: 0 };
    return (next) => (cursor) => {
      cursor.needBytes();
      const log = scan.scan(cursor.bytes, cursor.start, cursor.end) ? scan.value(0) : undefined;
      const stream = scan.value(1) ?? '';
      const timestamp = scan.value(2) ?? '';
      if (typeof log === 'string' && log !== '' && typeof stream === 'string' && typeof timestamp === 'string') {
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
