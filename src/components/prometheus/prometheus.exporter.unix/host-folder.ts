import * as fs from 'node:fs';
import { isAbsence } from './absence.ts';
import { allOf } from './all-of.ts';
import type { FileRound } from './file-round.ts';
import { HostFile } from './host-file.ts';

/** The attributes of something that sysfs has a folder of. */
export class HostFolder {
  readonly #path: string;
  readonly #round: FileRound;
  readonly #files = new Map<string, HostFile>();
  #usedIn = -1;
  #foundIn = -1;
  #inode: number | undefined;
  /** What the attributes that are read aside depend on, and the scrape in which they were read. */
  #asideKey: string | undefined;
  #asideIn = -1;

  constructor(path: string, round: FileRound) {
    this.#path = path;
    this.#round = round;
  }

  get isInUse(): boolean {
    return this.#usedIn === this.#round.scrape;
  }

  /** Tells it from another folder that has had its name; undefined if there is none. */
  get inode(): number | undefined {
    const { scrape, unchangedSince } = this.#round;
    this.#usedIn = scrape;
    if (this.#foundIn !== scrape && this.#foundIn < unchangedSince) {
      this.#foundIn = scrape;
      const inode = inodeOf(this.#path);
      // Devices can be renamed, and files that stay open remain those of the device.
      if (inode !== this.#inode) this.close();
      this.#inode = inode;
    }
    return this.#inode;
  }

  /** An attribute by the name of its file; undefined if it cannot be read. */
  attribute(name: string): string | undefined {
    return this.inode === undefined ? undefined : this.#file(name).attribute();
  }

  /** An attribute that is a number; undefined if it cannot be read or is none. */
  number(name: string): number | undefined {
    return this.inode === undefined ? undefined : this.#file(name).number();
  }

  /** An attribute that is the same as long as no device comes, goes or gets another name; undefined if it cannot be read. */
  lasting(name: string): string | undefined {
    if (this.inode === undefined) return undefined;
    const file = this.#file(name);
    file.keepSince(this.#round.unchangedSince);
    return file.attribute();
  }

  /** Such an attribute that is a number. */
  lastingNumber(name: string): number | undefined {
    return this.lasting(name) === undefined ? undefined : this.number(name);
  }

  /**
   * Reads attributes that can keep one waiting for others, so that they are there without waiting. As long as the key is the
   * same and no device comes or goes, they stay what they were; without a key they do not.
   */
  readAside(names: readonly string[], key: string | undefined): Promise<void> | undefined {
    if (this.inode === undefined) return undefined;
    const files = names.map((name) => this.#file(name));
    const isKnown = key !== undefined && key === this.#asideKey && this.#asideIn >= this.#round.unchangedSince;
    if (isKnown && files.every((file) => file.keepSince(this.#asideIn))) return undefined;
    this.#asideKey = key;
    this.#asideIn = this.#round.scrape;
    return allOf(files.map((file) => file.readAside()));
  }

  /** Reads attributes whose drivers may have to ask the hardware, so that they are there without waiting. */
  readWithCare(names: readonly string[]): Promise<void> | undefined {
    if (this.inode === undefined) return undefined;
    return allOf(names.map((name) => this.#file(name).readWithCare()));
  }

  /** Forgets the files that were not asked for in the current scrape. */
  sweep(): void {
    for (const [name, file] of this.#files) {
      if (file.isInUse) continue;
      file.close();
      this.#files.delete(name);
    }
  }

  close(): void {
    for (const file of this.#files.values()) file.close();
    this.#files.clear();
    this.#asideKey = undefined;
  }

  #file(name: string): HostFile {
    let file = this.#files.get(name);
    if (file === undefined) this.#files.set(name, (file = new HostFile(`${this.#path}/${name}`, this.#round)));
    return file;
  }
}

function inodeOf(path: string): number | undefined {
  try {
    return fs.statSync(path, { throwIfNoEntry: false })?.ino;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}
