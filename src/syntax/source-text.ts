import { isUtf8 } from 'node:buffer';
import type { Report } from './diagnostic.ts';
import { lineAt, type Source } from './source.ts';

/** Byte order marks of what is not UTF-8. UTF-32 comes first: its little-endian mark begins with that of UTF-16. */
const otherEncodings: readonly { readonly name: string; readonly mark: readonly number[] }[] = [
  { name: 'UTF-32 (big-endian)', mark: [0x00, 0x00, 0xfe, 0xff] },
  { name: 'UTF-32 (little-endian)', mark: [0xff, 0xfe, 0x00, 0x00] },
  { name: 'UTF-16 (big-endian)', mark: [0xfe, 0xff] },
  { name: 'UTF-16 (little-endian)', mark: [0xff, 0xfe] },
];
const utf8Mark = [0xef, 0xbb, 0xbf];

/** Reads a file as UTF-8, with or without a byte order mark. Reports it if it is not, and yields nothing then. */
export function sourceFromBytes(bytes: Uint8Array, name: string, report: Report): Source | undefined {
  const other = otherEncodings.find(({ mark }) => beginsWith(bytes, mark));
  if (other !== undefined) {
    const message = `configuration is encoded with ${other.name} but must be utf8`;
    const span = { source: { name, text: '' }, start: 0, end: 0 };
    report({ severity: 'error', code: 'syntax/encoding', message, span });
    return undefined;
  }
  const content = Buffer.from(beginsWith(bytes, utf8Mark) ? bytes.subarray(utf8Mark.length) : bytes);
  const source = { name, text: content.toString() };
  if (isUtf8(content)) return source;

  const { offset, byte } = firstBadByte(content, source.text);
  const shown = `0x${byte.toString(16).padStart(2, '0')}`;
  const message = `configuration is not valid UTF-8: line ${lineAt(source, offset)} has the byte ${shown}`;
  report({ severity: 'error', code: 'syntax/encoding', message, span: { source, start: offset, end: offset + 1 } });
  return undefined;
}

function beginsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}

/** The first byte that is part of no character, and where in the decoded text a U+FFFD stands for it. */
function firstBadByte(bytes: Buffer, text: string): { offset: number; byte: number } {
  let at = 0;
  let from = 0;
  for (;;) {
    const offset = text.indexOf('\uFFFD', from);
    // Up to here each character is what its bytes say, so the two can be counted together.
    at += Buffer.byteLength(text.slice(from, offset));
    const isGenuine = bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd;
    if (!isGenuine) return { offset, byte: bytes[at] ?? 0 };
    at += 3;
    from = offset + 1;
  }
}
