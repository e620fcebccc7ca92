/** Why a text could not be read. Parsers return it instead of throwing. */
export class ParseError {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}
