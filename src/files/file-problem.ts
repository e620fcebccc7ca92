import { messageOf } from '../base/message-of.ts';

export type FileProblemReason = 'missing' | 'permission' | 'not_a_file' | 'backlog' | 'corrupted' | 'io';

/** Why a file cannot be read for now. */
export class FileProblem extends Error {
  override readonly name = 'FileProblem';
  readonly reason: FileProblemReason;

  constructor(reason: FileProblemReason, message: string) {
    super(message);
    this.reason = reason;
  }

  /** What a file operation threw, as a FileProblem. */
  static from(thrown: unknown): FileProblem {
    if (thrown instanceof FileProblem) return thrown;
    return new FileProblem(reasonOf(codeOf(thrown)), messageOf(thrown));
  }
}

function reasonOf(code: string | undefined): FileProblemReason {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'missing';
    case 'EACCES':
    case 'EPERM':
      return 'permission';
    case 'EISDIR':
      return 'not_a_file';
    default:
      return 'io';
  }
}

/** The code of an error of the operating system, such as `ENOENT`. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** Whether an operation failed since there is nothing at the path. */
export function isMissing(thrown: unknown): boolean {
  const code = codeOf(thrown);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
