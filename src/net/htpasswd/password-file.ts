import { createHmac, randomBytes } from 'node:crypto';
import { GenerationCache } from '../../base/generation-cache.ts';
import { passwordTest, type PasswordTest } from './password-hash.ts';

/** Answers that are remembered. */
const maxRemembered = 1000;

/** The users and passwords in the text of a password file. */
export class PasswordFile {
  /** The numbers of the lines that are not understood; those users cannot log in. */
  readonly badLines: readonly number[];
  readonly #tests = new Map<string, PasswordTest>();
  /** Good hashes are slow on purpose, and clients come with one password again and again. */
  readonly #answers = new GenerationCache<string, Promise<boolean>>(maxRemembered);
  readonly #secret = randomBytes(32);

  /** Each line is `user:password`; of two for one user the last counts. */
  constructor(text: string) {
    const badLines: number[] = [];
    for (const [index, line] of text.split('\n').entries()) {
      const trimmed = line.trim();
      if (trimmed === '') continue;
      const colon = trimmed.indexOf(':');
      const test = colon < 0 ? undefined : passwordTest(trimmed.slice(colon + 1));
      if (test === undefined) badLines.push(index + 1);
      else this.#tests.set(trimmed.slice(0, colon), test);
    }
    this.badLines = badLines;
  }

  accepts(user: string, password: string): Promise<boolean> {
    const test = this.#tests.get(user);
    if (test === undefined) return Promise.resolve(false);
    // What is remembered must not tell passwords to who reads the memory.
    const key = createHmac('sha256', this.#secret).update(`${user}\0${password}`).digest('base64');
    let answer = this.#answers.get(key);
    if (answer === undefined) this.#answers.set(key, (answer = Promise.resolve(test(password))));
    return answer;
  }
}
