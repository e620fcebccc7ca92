import { ParseError } from '../../../base/parse-error.ts';

/** What a response went beyond, if it is not invalid. */
export type FailureKind = 'invalid' | 'labels' | 'samples' | 'buckets' | 'series';

/** Why a response cannot be taken: the whole scrape fails. */
export class ReadFailure extends ParseError {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
