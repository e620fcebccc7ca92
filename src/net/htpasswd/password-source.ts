import type { TextSource } from '../text-source.ts';
import { PasswordFile } from './password-file.ts';

/** A password file that is put together of several texts, which may change; of two lines for one user the last counts. */
export class PasswordSource {
  readonly #sources: readonly TextSource[];
  readonly #problem: (message: string) => void;
  #text: string | undefined;
  #file = new PasswordFile('');

  /** `problem` is told of lines that are not understood, whenever the texts have changed. */
  constructor(sources: readonly TextSource[], problem: (message: string) => void) {
    this.#sources = sources;
    this.#problem = problem;
  }

  /** What counts now. Rejects if a text cannot be read. */
  async read(): Promise<PasswordFile> {
    const texts = await Promise.all(this.#sources.map((source) => source.read()));
    const text = texts.join('\n');
    if (text !== this.#text) {
      this.#text = text;
      this.#file = new PasswordFile(text);
      const { badLines } = this.#file;
      if (badLines.length > 0) this.#problem(`lines without a user and a password: ${badLines.join(', ')}`);
    }
    return this.#file;
  }

  /** What counted last. */
  get last(): PasswordFile {
    return this.#file;
  }
}
