/** A line of formatted text, in the parts that are aligned with those of its neighbours. */
export interface Line {
  /** How many tabs it begins with. */
  readonly depth: number;
  readonly isAfterBlank: boolean;
  /** What stands before the `=` of the attribute or field that begins the line. */
  name?: string;
  /** The rest, or all of it. Strings and comments may hold line breaks, which stay as they are. */
  text: string;
  /** A comment that ends the line. */
  comment?: string;
}

/**
 * Joins lines to a text. Neighbours that have a name and are equally deep get their `=` below each other, and their
 * comments as well.
 */
export function printLines(lines: readonly Line[]): string {
  const output: string[] = [];
  for (const run of runsOf(lines, areAligned)) {
    const nameWidth = widest(run.map((line) => line.name ?? ''));
    for (const group of runsOf(run, haveComments)) {
      const textWidth = widest(group.map((line) => line.text));
      for (const line of group) {
        if (line.isAfterBlank) output.push('');
        output.push('\t'.repeat(line.depth) + printLine(line, nameWidth, textWidth));
      }
    }
  }
  return `${output.join('\n')}\n`;
}

function printLine({ name, text, comment }: Line, nameWidth: number, textWidth: number): string {
  const start = name === undefined ? '' : pad(name, nameWidth + 1);
  return start + (comment === undefined ? text : pad(text, textWidth + 1) + comment);
}

function areAligned(above: Line, line: Line): boolean {
  return (
    above.name !== undefined &&
    line.name !== undefined &&
    above.depth === line.depth &&
    !line.isAfterBlank &&
    !above.text.includes('\n') &&
    !above.comment?.includes('\n')
  );
}

function haveComments(above: Line, line: Line): boolean {
  return above.comment !== undefined && line.comment !== undefined;
}

/** Splits a list between neighbours that do not belong together. */
function runsOf(lines: readonly Line[], belong: (above: Line, line: Line) => boolean): Line[][] {
  const runs: Line[][] = [];
  let above: Line | undefined;
  for (const line of lines) {
    if (above !== undefined && belong(above, line)) runs.at(-1)?.push(line);
    else runs.push([line]);
    above = line;
  }
  return runs;
}

/** In code points; what spans lines has no width. */
function widthOf(text: string): number {
  return text.includes('\n') ? 0 : Array.from(text).length;
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, widthOf(text)), 0);
}

/** Fills up with blanks, and with at least one where the text has no width. */
function pad(text: string, width: number): string {
  return text + ' '.repeat(text.includes('\n') ? 1 : width - widthOf(text));
}
