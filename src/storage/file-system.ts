import * as files from 'node:fs/promises';

/** The file operations of this layer, so that tests can let them fail. */
export type FileSystem = Pick<typeof files, 'mkdir' | 'open' | 'readdir' | 'readFile' | 'rename' | 'unlink'>;
export type FileHandle = files.FileHandle;

export const realFiles: FileSystem = files;

/** The code of an error of the operating system, such as `ENOSPC`. */
export function errorCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}
