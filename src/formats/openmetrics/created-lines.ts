import { readGoFloat } from '../../base/go-float.ts';
import { LabelSetBuilder } from '../../model/label-set-builder.ts';
import { metricType, type MetricType } from '../../model/metric-family.ts';
import { SeriesParser, type SeriesSyntax } from '../exposition/series-parser.ts';

const suffix = Buffer.from('_created');
const leLabel = Buffer.from('le');
const quantileLabel = Buffer.from('quantile');
const [lineFeed, blank, hash] = [0x0a, 0x20, 0x23];

/**
 * Finds the lines that say when counters, summaries and histograms began. They come after the series they speak of, so
 * it looks ahead, at each line once.
 */
export class CreatedLines {
  readonly #parser: SeriesParser;
  readonly #labels = new LabelSetBuilder();
  readonly #otherLabels = new LabelSetBuilder();
  readonly #seconds = new Float64Array(1);
  #bytes: Buffer = Buffer.alloc(0);
  /** The next of these lines; at the line behind the family if there is none. */
  #at = 0;
  #isThere = false;

  constructor(syntax: SeriesSyntax) {
    this.#parser = new SeriesParser(syntax);
  }

  open(bytes: Buffer, isValidText: boolean): void {
    this.#bytes = bytes;
    this.#at = 0;
    this.#isThere = false;
    this.#parser.open(bytes, isValidText);
  }

  /** Whether a line is such a line. */
  isCreatedLine(start: number, type: MetricType): boolean {
    return hasStart(type) && this.#parser.parse(start) && this.#isCreated();
  }

  /** When the series that begins at a place began, in milliseconds; 0 if no line from another place on says it. */
  startOf(series: number, next: number, type: MetricType, familyStart: number, familyEnd: number): number {
    if (!hasStart(type)) return 0;
    if (this.#at < next) this.#seek(next);
    const start = this.#isThere ? this.#at : -1;
    if (start < 0 || !this.#parser.parse(series) || !this.#isOfFamily(familyStart, familyEnd)) return 0;
    const own = this.#fill(this.#labels, type);
    this.#parser.parse(start);
    if (this.#parser.nameEnd - this.#parser.nameStart !== familyEnd - familyStart + suffix.length) return 0;
    if (!this.#isOfFamily(familyStart, familyEnd)) return 0;
    const other = this.#fill(this.#otherLabels, type);
    const size = this.#labels.encodedSize;
    if (size !== this.#otherLabels.encodedSize || own.compare(other, 0, size, 0, size) !== 0) return 0;
    return this.#readTime(this.#parser.at + 1);
  }

  /** Looks for the next line from a place on; one that is not about a series ends the family. */
  #seek(from: number): void {
    const bytes = this.#bytes;
    let at = from;
    this.#isThere = false;
    while (at < bytes.length && bytes[at] !== hash && this.#parser.parse(at)) {
      if (this.#isCreated()) {
        this.#isThere = true;
        break;
      }
      const end = bytes.indexOf(lineFeed, this.#parser.at);
      at = end < 0 ? bytes.length : end + 1;
    }
    this.#at = at;
  }

  #isCreated(): boolean {
    const { nameStart, nameEnd } = this.#parser;
    return (
      nameEnd - nameStart >= suffix.length &&
      this.#bytes.compare(suffix, 0, suffix.length, nameEnd - suffix.length, nameEnd) === 0
    );
  }

  #isOfFamily(familyStart: number, familyEnd: number): boolean {
    const { nameStart, nameEnd } = this.#parser;
    const size = familyEnd - familyStart;
    const bytes = this.#bytes;
    return (
      nameEnd - nameStart >= size && bytes.compare(bytes, familyStart, familyEnd, nameStart, nameStart + size) === 0
    );
  }

  /** The labels that a series has in common with the line about it. */
  #fill(labels: LabelSetBuilder, type: MetricType): Buffer {
    this.#parser.fill(labels, metricType.unknown);
    labels.setValue(0, '');
    const own = type === metricType.histogram ? leLabel : type === metricType.summary ? quantileLabel : undefined;
    const index = own === undefined ? -1 : labels.find(own);
    if (index >= 0) labels.setValue(index, '');
    labels.sortNames();
    return labels.encode();
  }

  #readTime(start: number): number {
    const bytes = this.#bytes;
    let end = start;
    while (end < bytes.length && bytes[end] !== blank && bytes[end] !== lineFeed) end++;
    const isRead = readGoFloat(bytes, start, end, this.#seconds, 0);
    const time = isRead ? Math.trunc((this.#seconds[0] ?? 0) * 1000) : 0;
    return Number.isFinite(time) ? time : 0;
  }
}

function hasStart(type: MetricType): boolean {
  return type === metricType.counter || type === metricType.summary || type === metricType.histogram;
}
