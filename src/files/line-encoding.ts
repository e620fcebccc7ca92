import { ownBuffer } from '../base/bytes.ts';
import { ParseError } from '../base/parse-error.ts';
import { findCharacterSet } from './character-set.ts';

/** How the text of a file is written as bytes, as far as cutting it into lines needs it. */
export interface LineEncoding {
  /** The bytes of a line feed, which begin at a multiple of their number only. */
  readonly newline: Buffer;
  /** How many bytes at the beginning of the file say which encoding it is, and are not text. */
  readonly markSize: number;
  /** Whole lines as UTF-8, in memory of their own; undefined if the bytes pass as they are. */
  readonly decode: ((bytes: Buffer) => Buffer) | undefined;
}

/** An encoding as it is configured: by its beginning, a file can turn out to be in another. */
export interface TextEncoding {
  readonly name: string;
  /** The encoding of a file without a byte order mark, by its first bytes. */
  of(head: Buffer): LineEncoding;
}

/** How many bytes of the beginning of a file are needed to tell its encoding. */
export const headSize = 4;

const newline = Buffer.of(0x0a);

const asIs: LineEncoding = { newline, markSize: 0, decode: undefined };
const utf16le: LineEncoding = { newline: Buffer.of(0x0a, 0), markSize: 0, decode: decodeUtf16le };
const utf16be: LineEncoding = { newline: Buffer.of(0, 0x0a), markSize: 0, decode: decodeUtf16be };
const utf32le: LineEncoding = { newline: Buffer.of(0x0a, 0, 0, 0), markSize: 0, decode: decodeUtf32('le') };
const utf32be: LineEncoding = { newline: Buffer.of(0, 0, 0, 0x0a), markSize: 0, decode: decodeUtf32('be') };

/** Those whose line ends take more than one byte, and UTF-8. Names are without punctuation, in lower case. */
const unicode: ReadonlyMap<string, (head: Buffer) => LineEncoding> = new Map([
  ['utf8', () => asIs],
  ['utf16le', () => utf16le],
  ['utf16be', () => utf16be],
  // Without a mark it is big endian by its definition, but that is not what most programs write.
  ['utf16', (head: Buffer) => (head[0] !== 0 && head[1] === 0 ? utf16le : utf16be)],
  ['utf32le', () => utf32le],
  ['utf32be', () => utf32be],
  ['utf32', (head: Buffer) => (head[0] !== 0 && head[3] === 0 ? utf32le : utf32be)],
]);

/** Byte order marks. That of UTF-32LE begins as that of UTF-16LE does. */
const marks: readonly { readonly mark: Buffer; readonly encoding: LineEncoding }[] = [
  { mark: Buffer.of(0xef, 0xbb, 0xbf), encoding: asIs },
  { mark: Buffer.of(0xff, 0xfe, 0, 0), encoding: utf32le },
  { mark: Buffer.of(0xff, 0xfe), encoding: utf16le },
  { mark: Buffer.of(0xfe, 0xff), encoding: utf16be },
  { mark: Buffer.of(0, 0, 0xfe, 0xff), encoding: utf32be },
].map(({ mark, encoding }) => ({ mark, encoding: { ...encoding, markSize: mark.length } }));

/** Finds an encoding by its IANA name; without a name, bytes pass as they are. */
export function findEncoding(name: string): TextEncoding | ParseError {
  if (name === '') return noEncoding;
  const known = unicode.get(
    name
      .toLowerCase()
      .replaceAll(/[^\da-z]/g, '')
      .replace(/^cs/, ''),
  );
  if (known !== undefined) return { name, of: known };
  const decode = findCharacterSet(name);
  if (decode === undefined) return new ParseError(`unknown encoding ${JSON.stringify(name)}`);
  const encoding: LineEncoding = { newline, markSize: 0, decode: (bytes) => utf8Of(decode(bytes)) };
  return { name, of: () => encoding };
}

/** Bytes that pass as they are. */
export const noEncoding: TextEncoding = { name: '', of: () => asIs };

/** The encoding of a file that begins with some bytes. A byte order mark counts more than what is configured. */
export function detectEncoding(head: Buffer, configured: TextEncoding): LineEncoding {
  for (const { mark, encoding } of marks) if (head.subarray(0, mark.length).equals(mark)) return encoding;
  return configured.of(head);
}

/** Where the first line ends in bytes that begin at an offset of their file; -1 if there is no line end. */
export function firstLineEnd(bytes: Buffer, { newline: pattern }: LineEncoding, offset: number): number {
  const size = pattern.length;
  if (size === 1) return bytes.indexOf(0x0a) + 1 || -1;
  for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + 1))
    if ((offset + at) % size === 0) return at + size;
  return -1;
}

/** Where the last line that has an end ends in bytes that begin at an offset of their file; -1 if there is none. */
export function lastLineEnd(bytes: Buffer, { newline: pattern }: LineEncoding, offset: number): number {
  const size = pattern.length;
  if (size === 1) return bytes.lastIndexOf(0x0a) + 1 || -1;
  let at = bytes.lastIndexOf(pattern);
  while (at > 0 && (offset + at) % size !== 0) at = bytes.lastIndexOf(pattern, at - 1);
  return at >= 0 && (offset + at) % size === 0 ? at + size : -1;
}

function utf8Of(text: string): Buffer {
  const bytes = ownBuffer(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

function decodeUtf16le(bytes: Buffer): Buffer {
  return utf8Of(bytes.toString('utf16le'));
}

function decodeUtf16be(bytes: Buffer): Buffer {
  return decodeUtf16le(Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16());
}

function decodeUtf32(order: 'le' | 'be'): (bytes: Buffer) => Buffer {
  return (bytes) => {
    const units = Buffer.alloc(bytes.length);
    let size = 0;
    for (let at = 0; at + 4 <= bytes.length; at += 4) {
      const read = order === 'le' ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
      const code = read > 0x10ffff ? 0xfffd : read;
      if (code > 0xffff) size = units.writeUInt16LE(0xd7c0 + (code >>> 10), size);
      size = units.writeUInt16LE(code > 0xffff ? 0xdc00 | (code & 0x3ff) : code, size);
    }
    return decodeUtf16le(units.subarray(0, size));
  };
}
