import { crc32 } from 'node:zlib';

/** How many bytes at the beginning of a file, and before a place in it, are remembered by their checksums. */
export const checkedSize = 1024;

/** A place in a file between two lines, with the checksum of up to `checkedSize` bytes before it. */
export interface Place {
  readonly offset: number;
  readonly checksum: number;
}

/** What the file system knows a file by. Inode numbers beyond 2^53 are rounded, and are told apart by content only. */
export interface FileId {
  readonly device: number;
  readonly inode: number;
}

/** What a file begins with. */
export interface Head {
  /** Up to `checkedSize` bytes; fewer as long as no more were read. */
  readonly size: number;
  readonly checksum: number;
}

/** How a file is known again: by what the file system says, by how it began, and by what it held before a place. */
export interface Identity extends FileId {
  /** The checksum of the place. */
  readonly checksum: number;
  /** Undefined if nothing was read yet. */
  readonly head: Head | undefined;
}

/** How far a file was read. Without an identity only the offset is known, as other programs record it. */
export interface Checkpoint {
  readonly offset: number;
  readonly identity: Identity | undefined;
}

/** The checksum for a place, from bytes that end there and hold at least what is checked. */
export function checksumBefore(bytes: Buffer, end: number): number {
  return crc32(bytes.subarray(Math.max(0, end - checkedSize), end));
}

/** `device:inode:head/size:checksum`, with checksums in hexadecimal and nothing for an unknown head. */
export function formatIdentity({ device, inode, head, checksum }: Identity): string {
  const headText = head === undefined ? '' : `${head.checksum.toString(16)}/${head.size}`;
  return `${device}:${inode}:${headText}:${checksum.toString(16)}`;
}

/** Reads what `formatIdentity` wrote; undefined if it is something else. */
export function parseIdentity(text: string): Identity | undefined {
  const match = /^(\d{1,20}):(\d{1,20}):(?:([\da-f]{1,8})\/(\d{1,4}))?:([\da-f]{1,8})$/.exec(text);
  if (match === null) return undefined;
  const [, device = '', inode = '', head, size, checksum = ''] = match;
  return {
    device: Number(device),
    inode: Number(inode),
    head: head === undefined ? undefined : { size: Number(size), checksum: Number.parseInt(head, 16) },
    checksum: Number.parseInt(checksum, 16),
  };
}
