/** Why a text could not be read. Parsers return it instead of throwing. */
export class ParseError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/** The text could be read, or so it seems, but is larger than allowed. */
export class TooLargeError extends ParseError {}
