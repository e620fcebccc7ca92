import { decodeLabels } from '../model/encoded-labels.ts';
import { metricTypeNames } from '../model/metric-family.ts';
import { decodeHistogram, type NativeHistogram } from '../model/native-histogram.ts';
import { entryKind, type ExpositionCursor } from '../formats/exposition/exposition-cursor.ts';

/** One entry of an exposition, with only those properties that it has. */
export type ExpositionEntry = readonly [
  what: string,
  detail: string | number | NativeHistogram,
  more?: Readonly<Record<string, unknown>>,
];

/** All entries of an exposition, read at once. What was wrong with it comes last, as `error`. */
export function expositionEntries(cursor: ExpositionCursor, bytes: Buffer): ExpositionEntry[] {
  const entries: ExpositionEntry[] = [];
  cursor.open(bytes);
  while (cursor.next()) entries.push(entryOf(cursor));
  if (cursor.error !== undefined) entries.push(['error', cursor.error.message]);
  return entries;
}

function entryOf(cursor: ExpositionCursor): ExpositionEntry {
  const { kind } = cursor;
  if (kind === entryKind.type) return [`type ${cursor.familyName()}`, metricTypeNames[cursor.type] ?? ''];
  if (kind === entryKind.help) return [`help ${cursor.familyName()}`, cursor.text()];
  if (kind === entryKind.unit) return [`unit ${cursor.familyName()}`, cursor.text()];
  const { exemplars } = cursor;
  const more = {
    ...(cursor.hasTimestamp ? { timestamp: cursor.timestamp } : {}),
    ...(cursor.startTimestamp === 0 ? {} : { start: cursor.startTimestamp }),
    ...(exemplars.count === 0 ? {} : { exemplars: Array.from({ length: exemplars.count }, (_, at) => exemplar(at)) }),
  };
  function exemplar(at: number): string {
    const labels = decodeLabels(exemplars.bytes, exemplars.starts[at] ?? 0, exemplars.ends[at] ?? 0);
    const time = exemplars.timestamps[at] ?? Number.NaN;
    return `${labels.toString()} ${exemplars.values[at]}${Number.isNaN(time) ? '' : ` ${time}`}`;
  }
  const { histogram } = cursor;
  const value = kind === entryKind.histogram ? decodeHistogram(histogram.reserve(0), 0, histogram.size) : cursor.value;
  const series = seriesText(cursor);
  return Object.keys(more).length === 0 ? [series, value] : [series, value, more];
}

/** The series as `name{label="value"}`, with labels whose value is empty. */
function seriesText(cursor: ExpositionCursor): string {
  cursor.readLabels();
  const { labels } = cursor;
  const pairs = Array.from({ length: labels.count }, (_, index) => [labels.nameOf(index), labels.valueOf(index)]);
  const name = pairs.find(([label]) => label === '__name__')?.[1] ?? '';
  const rest = pairs.filter(([label]) => label !== '__name__');
  if (rest.length === 0) return name;
  return `${name}{${rest.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(',')}}`;
}
