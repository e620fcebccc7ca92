/** Why a pattern is refused, in the words of Go. */
export class RegexpError {
  readonly message: string;

  constructor(problem: Problem, excerpt: string) {
    this.message = `error parsing regexp: ${problem}: \`${excerpt}\``;
  }
}

export type Problem =
  | 'expression nests too deeply'
  | 'expression too large'
  | 'invalid UTF-8'
  | 'invalid character class range'
  | 'invalid escape sequence'
  | 'invalid named capture'
  | 'invalid nested repetition operator'
  | 'invalid or unsupported Perl syntax'
  | 'invalid repeat count'
  | 'missing argument to repetition operator'
  | 'missing closing )'
  | 'missing closing ]'
  | 'trailing backslash at end of expression'
  | 'unexpected )';
