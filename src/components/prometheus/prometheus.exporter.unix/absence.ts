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

export function isAbsence(error: unknown): boolean {
  return absentCodes.has(codeOf(error));
}

/** What a function finds on the host; undefined if it is not there, or not for us. */
export function ifPresent<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}
