import { open } from 'node:fs/promises';
import { Secret } from '../syntax/secret.ts';

/** Where a password, a certificate or a key comes from: the configuration, or a file. */
export interface TextSource {
  /** Rejects if the file cannot be read. Equal texts are the same string, so that comparing them is cheap. */
  read(): Promise<string>;
}

/** A source for an attribute and the `_file` attribute beside it, if one of them is given. */
export function textSource(text: Secret | string | undefined, file: string): TextSource | undefined {
  const given = text instanceof Secret ? text.reveal() : (text ?? '');
  if (given !== '') return { read: () => Promise.resolve(given) };
  return file === '' ? undefined : new ChangingFile(file);
}

/** Larger files are no secrets, keys or certificates. */
const maxBytes = 4 * 1024 * 1024;

/** A small text file that is read again when it has changed, such as a token that is rotated while the program runs. */
class ChangingFile implements TextSource {
  readonly #path: string;
  #stamp = '';
  #text = '';

  constructor(path: string) {
    this.#path = path;
  }

  async read(): Promise<string> {
    const file = await open(this.#path);
    try {
      const stat = await file.stat({ bigint: true });
      if (!stat.isFile()) throw new Error(`${JSON.stringify(this.#path)} is not a file`);
      if (stat.size > maxBytes) throw new Error(`${JSON.stringify(this.#path)} is larger than ${maxBytes} bytes`);
      const stamp = `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs}`;
      if (stamp !== this.#stamp) {
        this.#text = await file.readFile('utf8');
        this.#stamp = stamp;
      }
      return this.#text;
    } finally {
      await file.close();
    }
  }
}
