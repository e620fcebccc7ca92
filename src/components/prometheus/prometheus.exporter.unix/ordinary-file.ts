import * as fs from 'node:fs';
import { ifPresent } from './absence.ts';

/** A file outside of procfs and sysfs, which is read again only when it was written. */
export class OrdinaryFile {
  /** The scrape in which it was asked for last. */
  readIn = -1;
  readonly #path: string;
  #written = '';
  #text: string | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The whole text; undefined if it cannot be read. */
  text(): string | undefined {
    const found = ifPresent(() => fs.statSync(this.#path, { throwIfNoEntry: false }));
    const written = found === undefined ? '' : `${found.ino} ${found.mtimeMs} ${found.ctimeMs} ${found.size}`;
    if (written !== this.#written) {
      this.#written = written;
      this.#text = found && ifPresent(() => fs.readFileSync(this.#path, 'utf8'));
    }
    return this.#text;
  }
}
