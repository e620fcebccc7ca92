/** How lines are framed in a file. In `cri-parts` some lines come in parts, with lines of the other stream between them. */
export type Format = 'cri' | 'cri-parts' | 'docker' | 'plain';

/** One line or two that are interleaved. */
interface NextLines {
  /** What is written at once, one after the other. */
  readonly texts: readonly string[];
  /** The number of the last line. */
  readonly last: number;
}

/** The number of a file and of a line in it. */
export interface LineNumber {
  readonly file: number;
  readonly number: number;
}

/** Long enough for several reads of the file. */
const hugeSize = 300_000;

/**
 * What arrives of a line. It follows from the numbers, so that nobody must remember lines to know what they were, and
 * what the number at both ends tells apart is seen if it is torn.
 */
export function contentOf({ file, number }: LineNumber): string {
  const mark = `f${file} n${number}`;
  const text = `${mark} ${'- '.repeat(paddingOf(file, number) >> 1)}${mark}`;
  const level = number % 4 === 0 ? 'warn' : 'info';
  if (number % 3 === 0) return `{"level":"${level}","trace_id":"${file}-${number}","msg":"${text}"}`;
  return number % 3 === 1 ? `GET /${file} HTTP/1.1" 200 ${text}` : text;
}

/** What arrived as a line. */
export interface ReadLine extends LineNumber {
  /** Whether it is all of the line, or only its end. */
  readonly isWhole: boolean;
}

/** Which line something is that arrived; undefined if it is neither a line nor the end of one. */
export function readContent(content: string): ReadLine | undefined {
  // The format of Docker has the line break in the line.
  const text = content.replace(/\n$/, '');
  const match = /f(\d{1,3}) n(\d{1,9})(?:"\})?$/.exec(text);
  if (match === null) return undefined;
  const line = { file: Number(match[1]), number: Number(match[2]) };
  const wanted = contentOf(line);
  return wanted.endsWith(text) ? { ...line, isWhole: text.length === wanted.length } : undefined;
}

/** The next lines of a file as they are written. */
export function nextLines(format: Format, file: number, number: number): NextLines {
  const content = contentOf({ file, number });
  if (format === 'cri-parts' && number % 8 === 0)
    return interleaved(content, contentOf({ file, number: number + 1 }), number);
  return { texts: [framed(format, content, number)], last: number };
}

function framed(format: Format, content: string, number: number): string {
  if (format === 'plain') return `${content}\n`;
  if (format === 'docker') return `${JSON.stringify({ log: `${content}\n`, stream: 'stdout', time: now() })}\n`;
  return cri(format === 'cri' && number % 5 === 0 ? 'stderr' : 'stdout', 'F', content);
}

/** A line in three parts, and between them one of the other stream. */
function interleaved(content: string, other: string, number: number): NextLines {
  const third = Math.ceil(content.length / 3);
  return {
    texts: [
      cri('stdout', 'P', content.slice(0, third)),
      cri('stderr', 'F', other) + cri('stdout', 'P', content.slice(third, 2 * third)),
      cri('stdout', 'F', content.slice(2 * third)),
    ],
    last: number + 1,
  };
}

function cri(stream: 'stdout' | 'stderr', flag: 'P' | 'F', content: string): string {
  return `${now()} ${stream} ${flag} ${content}\n`;
}

function now(): string {
  return new Date().toISOString();
}

function paddingOf(file: number, number: number): number {
  const mixed = Math.imul(number + 1, 0x9e3779b1 + 2 * file) >>> 0;
  if (mixed % 8000 === 0) return hugeSize;
  return mixed % 400 === 1 ? 20_000 : mixed % 180;
}
