/** Ends a function of a template with an error. It is thrown for every bad line, so it has no stack to collect. */
export class CallFailure {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** Ends a template that does too much. */
export class WorkExhausted {
  readonly message = 'the template does too much work';
}

/**
 * What one execution may do: characters read and written, elements made, rounds of loops. It bounds time as well as
 * memory, since what is made is counted before.
 */
const maxWork = 32_000_000;

/** What a call, a round of a loop or an element of a list counts. */
export const unit = 16;

/** Executions never overlap, so there is one account. */
let left = 0;

export function startWork(): void {
  left = maxWork;
}

/** Takes part in what is left; throws if that is not enough. */
export function spend(amount: number): void {
  left -= amount;
  // Not a number is not enough either.
  if (!(left >= 0)) throw new WorkExhausted();
}

export function refuse(message: string): never {
  throw new CallFailure(message);
}
