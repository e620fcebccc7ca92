import * as fs from 'node:fs';
import { codeOf, ifPresent, isAbsence } from './absence.ts';
import type { FileRound } from './file-round.ts';
import { HostFile } from './host-file.ts';
import { HostFolder } from './host-folder.ts';
import { OrdinaryFile } from './ordinary-file.ts';

/** The `longestLine` of files that the kernel hands out in one piece, however long that is. */
export const inOnePiece = -Infinity;

/** The same of files with short lines. */
export const shortLines = 512;

/** After so many scrapes everything is looked for again, in case the kernel does not tell of something. */
const longestTrust = 20;

/** Each file that stays open takes about 5 KB in the kernel. */
const mostOpen = 1024;

interface Listing {
  usedIn: number;
  listedIn: number;
  names: readonly string[];
  /** The names as they were found. */
  found: string;
  error: unknown;
}

/**
 * The files of the host that the collectors of one exporter read. What was not asked for in a scrape is closed and
 * forgotten when the next one begins; `close` gives back everything.
 */
export class HostFiles {
  readonly #round: FileRound;
  readonly #files = new Map<string, HostFile>();
  readonly #folders = new Map<string, HostFolder>();
  readonly #listings = new Map<string, Listing>();

  readonly #events: HostFile | undefined;
  #eventNumber: string | undefined;
  readonly #ordinary = new Map<string, OrdinaryFile>();

  /** The kernel counts what comes and goes in the file `events`; without one, everything is looked for in each scrape. */
  constructor(events?: string, maxOpen = mostOpen) {
    this.#round = { scrape: 0, unchangedSince: Infinity, open: 0, maxOpen };
    this.#events = events === undefined ? undefined : new HostFile(events, this.#round);
  }

  /** How many files stay open. */
  get open(): number {
    return this.#round.open;
  }

  beginScrape(): void {
    for (const [path, file] of this.#files) if (!file.isInUse) this.#forget(path, file);
    for (const [path, folder] of this.#folders) {
      if (folder.isInUse) folder.sweep();
      else {
        folder.close();
        this.#folders.delete(path);
      }
    }
    for (const [path, { usedIn }] of this.#listings) if (usedIn !== this.#round.scrape) this.#listings.delete(path);
    for (const [path, { readIn }] of this.#ordinary) if (readIn !== this.#round.scrape) this.#ordinary.delete(path);
    this.#round.scrape++;
    this.#lookForEvents();
  }

  /** An event can come before what it tells of is over: what is found is trusted only if there was none for a scrape. */
  #lookForEvents(): void {
    const round = this.#round;
    const number = this.#events?.attribute();
    const isQuiet = number !== undefined && number === this.#eventNumber;
    this.#eventNumber = number;
    if (!isQuiet) round.unchangedSince = Infinity;
    else if (round.unchangedSince === Infinity || round.scrape - round.unchangedSince >= longestTrust)
      round.unchangedSince = round.scrape;
  }

  /**
   * A whole file, as those of procfs are read; throws if it cannot be read. The same string as long as it is the same. It is
   * cheaper to read if it is known how many bytes a line has at most.
   */
  text(path: string, longestLine = Infinity): string {
    return this.#file(path).text(longestLine);
  }

  /** The same; undefined if it cannot be read. */
  textIfAny(path: string, longestLine = Infinity): string | undefined {
    return ifPresent(() => this.text(path, longestLine));
  }

  /** An attribute of sysfs; undefined if it cannot be read. */
  attribute(path: string): string | undefined {
    return this.#file(path).attribute();
  }

  /** An attribute that must be there, such as a setting of the kernel; throws if it cannot be read. */
  setting(path: string): string {
    return this.attribute(path) ?? this.text(path).trim();
  }

  /** An attribute that is a number; undefined if it cannot be read or is none. */
  number(path: string): number | undefined {
    return this.#file(path).number();
  }

  /** A folder with attributes, which may not be there. */
  folder(path: string): HostFolder {
    let folder = this.#folders.get(path);
    if (folder === undefined) this.#folders.set(path, (folder = new HostFolder(path, this.#round)));
    return folder;
  }

  /** A file outside of procfs and sysfs; undefined if it cannot be read. The same string as long as it is the same. */
  ordinaryText(path: string): string | undefined {
    let file = this.#ordinary.get(path);
    if (file === undefined) this.#ordinary.set(path, (file = new OrdinaryFile(path)));
    file.readIn = this.#round.scrape;
    return file.text();
  }

  /** The names of devices in a folder, sorted; throws if it is not there. The same array as long as they are the same. */
  names(path: string): readonly string[] {
    const { error, names } = this.#listing(path);
    if (error !== undefined) throw error;
    return names;
  }

  /** The names of devices in a folder, sorted; none if it is not there. */
  namesIfAny(path: string): readonly string[] {
    const { error, names } = this.#listing(path);
    if (error !== undefined && !isAbsence(error)) throw error;
    return error === undefined ? names : [];
  }

  /** The names in a folder of which the kernel does not tell when something comes or goes; none if it is not there. */
  untoldNamesIfAny(path: string): readonly string[] {
    const listing = this.#listings.get(path);
    if (listing !== undefined && listing.error === undefined) listing.listedIn = -1;
    return this.namesIfAny(path);
  }

  /** Gives back what is open. Whatever still runs may read on, and leaves nothing open. */
  close(): void {
    this.#round.maxOpen = 0;
    for (const [path, file] of this.#files) this.#forget(path, file);
    for (const folder of this.#folders.values()) folder.close();
    this.#folders.clear();
    this.#listings.clear();
    this.#ordinary.clear();
    this.#events?.close();
  }

  #file(path: string): HostFile {
    let file = this.#files.get(path);
    if (file === undefined) this.#files.set(path, (file = new HostFile(path, this.#round)));
    return file;
  }

  #listing(path: string): Listing {
    let listing = this.#listings.get(path);
    if (listing === undefined)
      this.#listings.set(path, (listing = { usedIn: -1, listedIn: -1, names: [], found: '', error: undefined }));
    const { scrape, unchangedSince } = this.#round;
    listing.usedIn = scrape;
    if (listing.listedIn !== scrape && listing.listedIn < unchangedSince) {
      listing.listedIn = scrape;
      list(listing, path);
    }
    return listing;
  }

  #forget(path: string, file: HostFile): void {
    file.close();
    this.#files.delete(path);
  }
}

function list(listing: Listing, path: string): void {
  // Making the same error once more would take longer than finding out that it is the same.
  if (codeOf(listing.error) === 'ENOENT' && !fs.existsSync(path)) return;
  listing.error = undefined;
  try {
    const names = fs.readdirSync(path);
    const found = names.join('\0');
    if (found !== listing.found) [listing.found, listing.names] = [found, names.toSorted()];
  } catch (error) {
    listing.error = error;
  }
}
