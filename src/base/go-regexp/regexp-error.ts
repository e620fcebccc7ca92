import { ParseError } from '../parse-error.ts';

/** Says why a pattern is refused, in the words of Go. */
export function regexpError(problem: Problem, excerpt: string): ParseError {
  return new ParseError(`error parsing regexp: ${problem}: \`${excerpt}\``);
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
