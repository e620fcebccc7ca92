import { AttributeWriter } from '../../../formats/otlp/attribute-writer.ts';
import type { EncodedAttributes } from '../../../formats/otlp/metric-writer.ts';
import type { Labels } from '../../../model/labels.ts';
import { metricType } from '../../../model/metric-family.ts';
import type { SeriesRef, SeriesTable } from '../../../model/series-table.ts';
import type { FamilyMemory, SeriesRole } from './family-memory.ts';

/** Series of which something is remembered; of others it is found out each time. */
const maxRemembered = 500_000;

/** Labels that do not become attributes of data points. */
const reserved: ReadonlySet<string> = new Set([
  '__name__',
  '__scheme__',
  '__metrics_path__',
  'job',
  'instance',
  'otel_scope_name',
  'otel_scope_version',
  'otel_scope_schema_url',
]);

/** What a series says, apart from its samples. */
export interface SeriesInfo {
  readonly labels: Labels;
  readonly role: SeriesRole;
  /** The same for all series of one resource, and of one scope of it. */
  readonly resourceKey: string;
  readonly scopeKey: string;
  /** Of the point: the labels but for those that tell its parts from each other. */
  readonly attributes: EncodedAttributes;
  readonly attributesKey: string;
  /** The bound of a bucket, or the quantile; NaN if that is missing. */
  readonly bound: number;
}

/** Finds out about series, and remembers it for as long as they are known. Whoever makes one closes it. */
export class SeriesInfos {
  readonly #table: SeriesTable;
  readonly #families: FamilyMemory;
  readonly #stop: () => void;
  #ofFloats = new Map<SeriesRef, SeriesInfo>();
  #ofHistograms = new Map<SeriesRef, SeriesInfo>();
  #version = 0;

  constructor(table: SeriesTable, families: FamilyMemory) {
    this.#table = table;
    this.#families = families;
    this.#stop = table.onReclaim((ref) => {
      this.#ofFloats.delete(ref);
      this.#ofHistograms.delete(ref);
    });
  }

  get size(): number {
    return this.#ofFloats.size + this.#ofHistograms.size;
  }

  /** About a series of floats. */
  of(ref: SeriesRef): SeriesInfo {
    this.#follow();
    return this.#ofFloats.get(ref) ?? this.#find(this.#ofFloats, ref, (name) => this.#families.roleOf(name));
  }

  /** About a series of native histograms, which are whole by themselves. */
  ofHistogram(ref: SeriesRef): SeriesInfo {
    this.#follow();
    const role = (metric: string): SeriesRole => {
      const { help = '', unit = '' } = this.#families.familyOf(metric) ?? {};
      return { part: 'value', metric, type: metricType.histogram, help, unit };
    };
    return this.#ofHistograms.get(ref) ?? this.#find(this.#ofHistograms, ref, role);
  }

  /** Forgets everything when something new is known of families. */
  #follow(): void {
    if (this.#version === this.#families.version) return;
    this.#version = this.#families.version;
    this.#ofFloats = new Map();
    this.#ofHistograms = new Map();
  }

  #find(infos: Map<SeriesRef, SeriesInfo>, ref: SeriesRef, roleOf: (name: string) => SeriesRole): SeriesInfo {
    const labels = this.#table.labelsOf(ref);
    const info = infoOf(labels, roleOf(labels.get('__name__') ?? ''));
    if (this.size < maxRemembered) infos.set(ref, info);
    return info;
  }

  close(): void {
    this.#stop();
  }
}

const writer = new AttributeWriter();

function infoOf(labels: Labels, role: SeriesRole): SeriesInfo {
  const boundLabel = role.part === 'bucket' ? 'le' : role.part === 'quantile' ? 'quantile' : '';
  writer.clear();
  for (const [name, value] of labels)
    if (!reserved.has(name) && name !== boundLabel && value !== '') writer.text(name, value);
  const attributes = writer.copy();
  const scope = ['name', 'version', 'schema_url'].map((name) => labels.get(`otel_scope_${name}`) ?? '');
  return {
    labels,
    role,
    resourceKey: `${labels.get('job') ?? ''}\0${labels.get('instance') ?? ''}`,
    scopeKey: scope.join('\0'),
    attributes,
    attributesKey: attributes.bytes.toString('latin1'),
    bound: boundLabel === '' ? Number.NaN : boundOf(labels.get(boundLabel) ?? ''),
  };
}

function boundOf(text: string): number {
  if (text === '+Inf' || text === 'Inf') return Infinity;
  if (text === '-Inf') return -Infinity;
  return text.trim() === '' ? Number.NaN : Number(text);
}
