import * as fs from 'node:fs';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';

/*
 * The files of procfs and sysfs are in memory, so that opening and closing them waits for nothing, and neither does reading
 * those of procfs: all that is done at once. Reading an attribute of sysfs can wait for a driver, and is left to another
 * thread, although handing it over takes longer than most reads.
 */
const read = promisify(fs.read);

const maxProcBytes = 1024 * 1024;
const maxAttributeBytes = 128;

/** What is read is made a text before anything else is read. */
const procBuffer = Buffer.allocUnsafeSlow(64 * 1024);

/** Errors that say that something is not there, or not for us. */
const absentCodes: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ENODEV',
  'ENXIO',
  'ENODATA',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EACCES',
  'EPERM',
  'EINVAL',
  'EIO',
  'EAGAIN',
]);

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Reads a file of procfs to its end, whose size nobody knows before; what is beyond a megabyte is left out. */
export async function readProc(path: string): Promise<string> {
  const file = fs.openSync(path, 'r');
  try {
    let buffer = procBuffer;
    let length = 0;
    for (;;) {
      const bytesRead = fs.readSync(file, buffer, length, buffer.length - length, null);
      length += bytesRead;
      if (bytesRead === 0 || length >= maxProcBytes) return buffer.toString('utf8', 0, length);
      if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(buffer.length * 2, maxProcBytes));
    }
  } finally {
    fs.closeSync(file);
  }
}

/** Reads an attribute of sysfs with one read, as drivers expect; rejects if it is not there. */
export async function readAttribute(path: string): Promise<string> {
  const file = fs.openSync(path, 'r');
  try {
    const { bytesRead, buffer } = await read(file, Buffer.allocUnsafe(maxAttributeBytes), 0, maxAttributeBytes, null);
    return buffer.toString('utf8', 0, bytesRead).replaceAll('\0', '').trim();
  } finally {
    fs.closeSync(file);
  }
}

/** What a promise for something of the host resolves to; undefined if it is not there, or not for us. */
export async function ifPresent<T>(wanted: Promise<T>): Promise<T | undefined> {
  try {
    return await wanted;
  } catch (error) {
    if (absentCodes.has(codeOf(error))) return undefined;
    throw error;
  }
}

/** An attribute of sysfs; undefined if it cannot be read. */
export async function attribute(path: string): Promise<string | undefined> {
  // Most of what is not there is found out without an error, which would take longer than all else.
  return fs.existsSync(path) ? ifPresent(readAttribute(path)) : undefined;
}

/** An attribute that is a number; undefined if it cannot be read or is none. */
export async function numberAttribute(path: string): Promise<number | undefined> {
  return numberIn(await attribute(path));
}

/** The attributes of one folder that are there, by name. */
export async function attributes(folder: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const texts = await Promise.all(names.map((name) => attribute(`${folder}/${name}`)));
  return new Map(names.flatMap((name, index) => (texts[index] === undefined ? [] : [[name, texts[index]]])));
}

/** The names in a folder, sorted; rejects if it is not there. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).toSorted();
}

/** The names in a folder, sorted; none if it is not there. */
export async function namesIfAny(folder: string): Promise<string[]> {
  return (await ifPresent(namesIn(folder))) ?? [];
}

/** A decimal number, or a hexadecimal one with `0x`; undefined for everything else. */
export function numberIn(text: string | undefined): number | undefined {
  if (text === undefined || !/^\s*[-+]?(?:0x[\da-f]+|\d+\.?\d*(?:e[-+]?\d+)?|\.\d+)\s*$/i.test(text)) return undefined;
  return Number(text);
}

/** A number that must be there. */
export function wantNumber(text: string | undefined): number {
  const value = numberIn(text);
  if (value === undefined) throw new Error(`want a number, got ${JSON.stringify(text ?? '')}`);
  return value;
}

/** The number that hexadecimal digits without a prefix stand for. */
export function wantHex(text: string | undefined): number {
  if (text === undefined || !/^[\da-f]+$/i.test(text))
    throw new Error(`want hexadecimal digits, got ${JSON.stringify(text ?? '')}`);
  return Number.parseInt(text, 16);
}

export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** What stands between the blanks of a line. */
export function wordsOf(line: string): string[] {
  const trimmed = line.trim();
  return trimmed === '' ? [] : trimmed.split(/\s+/);
}
