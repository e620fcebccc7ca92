import { criLine, parseCri } from '../../../../formats/cri/cri.ts';
import { bool, bytes, integer } from '../../../../schema/attributes.ts';
import { byLabels } from '../by-labels.ts';
import { PartialLines } from '../partial-lines.ts';
import { stage } from '../stage.ts';

/** A line that never ends is cut here, whatever the configuration says. */
const maxLineSize = 16 * 1024 * 1024;

export const cri = stage({
  doc: `
Reads lines in the format of the container runtime interface, \`<time> <stream> <flags> <content>\`: the content becomes
the line, the stream becomes the label \`stream\`, the time becomes the timestamp. Lines in parts (flag \`P\`) are joined.
Lines in another format pass unchanged. Sets the extracted values \`flags\`, \`stream\`, \`content\` and \`time\`.

Parts are acknowledged together with the line they become.`,
  fields: {
    max_partial_lines: integer(
      'How many streams may have a line in parts at one time. One more, and all parts kept are sent as they are.',
    )
      .default(100)
      .check((value) => (value > 0 ? undefined : 'max_partial_lines must be greater than 0')),
    max_partial_line_size: bytes(
      'The size to which joined lines are cut, if `max_partial_line_size_truncate` is set.',
    ).default(0),
    max_partial_line_size_truncate: bool('Whether joined lines are cut to `max_partial_line_size`.').default(false),
  },
  compile(args, context) {
    const { slots } = context;
    const flags = slots.writes('flags');
    const stream = slots.writes('stream');
    const content = slots.writes('content');
    const time = slots.writes('time');
    const isCut = args.max_partial_line_size_truncate && args.max_partial_line_size > 0;
    const maxSize = isCut ? Math.min(args.max_partial_line_size, maxLineSize) : maxLineSize;
    const parts = new PartialLines(args.max_partial_lines, maxSize, context);

    const onStdout = byLabels((labels) => labels.with('stream', 'stdout'));
    const onStderr = byLabels((labels) => labels.with('stream', 'stderr'));

    return (next) => {
      const needsFlags = slots.isRead(flags);
      const needsContent = slots.isRead(content);
      const needsTime = slots.isRead(time);
      return (cursor) => {
        cursor.needBytes();
        const { bytes: line, start, end, extracted } = cursor;
        if (!parseCri(line, start, end, criLine)) {
          next(cursor);
          return;
        }
        if (criLine.hasTime) {
          cursor.seconds = criLine.seconds;
          cursor.nanos = criLine.nanos;
        }
        cursor.setBytes(line, criLine.contentStart, end);
        cursor.labels = criLine.stream === 'stdout' ? onStdout(cursor.labels) : onStderr(cursor.labels);
        extracted.set(stream, criLine.stream);
        if (needsFlags) extracted.set(flags, criLine.isPartial ? 'P' : 'F');
        if (needsTime) extracted.set(time, line.toString('utf8', start, line.indexOf(0x20, start)));
        if (needsContent) extracted.set(content, cursor.text());

        if (criLine.isPartial) parts.keep(cursor, next);
        else parts.complete(cursor, next);
      };
    };
  },
});
