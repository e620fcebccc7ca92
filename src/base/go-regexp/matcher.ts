/** The text of each group of one match, the whole match first; undefined for a group that took no part. */
export type GroupTexts = readonly (string | undefined)[];

/** The same, with the offset of the match. */
export interface Groups extends GroupTexts {
  readonly index: number;
}

/** Start and end of each group of one match, as pairs, the whole match first; -1 for a group that took no part. */
export type Spans = readonly number[];

/** One engine with one pattern. Offsets count UTF-16 code units and never stand inside a surrogate pair. */
export interface Matcher {
  test(text: string): boolean;
  /** The first match that starts at an offset or later. What stands before the offset still counts for assertions. */
  groups(text: string, from: number): Groups | null;
  spans(text: string, from: number): Spans | null;
}
