import { utf8 } from '../../../base/bytes.ts';
import type { GoRegexp } from '../../../base/go-regexp/go-regexp.ts';
import type { AttributeList } from '../../../formats/otlp/attribute-list.ts';
import type { AttributeWriter } from '../../../formats/otlp/attribute-writer.ts';
import type { SpanCursor } from '../../../formats/otlp/span-cursor.ts';
import type { KeyBuilder } from '../metric-series/key-builder.ts';
import { AttributeGlobs } from './attribute-glob.ts';

/** An attribute that becomes one of the series: that with a name, or all whose names match. */
export interface Dimension {
  readonly name: string;
  readonly glob: GoRegexp | undefined;
  /** The value where a span has none. */
  readonly default: string | undefined;
}

interface NamedDimension {
  readonly name: string;
  readonly key: Buffer;
  readonly default: string | undefined;
}

/** Where dimensions are looked up, in this order. */
export type AttributeSources = readonly AttributeList[];

/** The dimensions of a metric that come from attributes: their part of the key of a series, and its attributes. */
export class DimensionSet {
  readonly #named: readonly NamedDimension[];
  readonly #globs: AttributeGlobs | undefined;
  /** Names that globs must not add, since they are there. */
  readonly #taken: ReadonlySet<string>;

  /** The first dimension of a name counts; `taken` are attributes that series have anyway. */
  constructor(dimensions: readonly Dimension[], taken: Iterable<string>) {
    const names = new Set(taken);
    const named: NamedDimension[] = [];
    const globs: GoRegexp[] = [];
    for (const { name, glob, default: fallback } of dimensions) {
      if (glob !== undefined) globs.push(glob);
      else if (!names.has(name)) {
        names.add(name);
        named.push({ name, key: Buffer.from(name), default: fallback });
      }
    }
    this.#named = named;
    this.#globs = globs.length > 0 ? new AttributeGlobs(globs) : undefined;
    this.#taken = names;
  }

  /** Whether it is only named dimensions. */
  get isOfNames(): boolean {
    return this.#globs === undefined;
  }

  /** Of the named dimensions, in their order. */
  get names(): readonly Buffer[] {
    return this.#named.map(({ key }) => key);
  }

  /** For each named dimension, the part of a key that is right where only the resource can have it. `part` is made use of. */
  fallbacks(resource: AttributeList, part: KeyBuilder): Buffer[] {
    return this.#named.map(({ key, default: fallback }) => {
      part.clear();
      const index = resource.find(key);
      const text = fallback === undefined ? undefined : Buffer.from(fallback);
      if (index >= 0) part.value(resource.bytes, resource.valueStarts[index] ?? 0, resource.valueEnds[index] ?? 0);
      else if (text !== undefined) part.text(text, 0, text.length);
      else part.absent();
      // A value that is too long for a key makes each key too long.
      if (part.isTooLong) part.size = part.bytes.length;
      return part.copy();
    });
  }

  /**
   * Adds the part of the key: from a span, maybe one of its events, and the resource. The cursor knows the names, with numbers
   * from `firstName` on.
   */
  writeKey(
    key: KeyBuilder,
    span: SpanCursor,
    firstName: number,
    event: AttributeList | undefined,
    fallbacks: readonly Buffer[],
  ): void {
    const named = this.#named;
    for (let at = 0; at < named.length; at++) {
      const start = span.valueStart(firstName + at);
      if (start >= 0) {
        key.value(span.bytes, start, span.valueEnd(firstName + at));
        continue;
      }
      const index = event === undefined ? -1 : event.find((named[at] as NamedDimension).key);
      if (event !== undefined && index >= 0) {
        key.value(event.bytes, event.valueStarts[index] ?? 0, event.valueEnds[index] ?? 0);
      } else {
        const fallback = fallbacks[at] as Buffer;
        key.parts(fallback, 0, fallback.length);
      }
    }
    if (this.#globs === undefined) return;
    for (const { from, index } of this.#matching(sourcesOf(span.attributes, event, span.resource)).values()) {
      key.text(from.bytes, from.keyStarts[index] ?? 0, from.keyEnds[index] ?? 0);
      key.value(from.bytes, from.valueStarts[index] ?? 0, from.valueEnds[index] ?? 0);
    }
    key.absent();
  }

  /** Adds the attributes of a series. */
  writeAttributes(
    writer: AttributeWriter,
    span: AttributeList,
    event: AttributeList | undefined,
    resource: AttributeList,
  ): void {
    const sources = sourcesOf(span, event, resource);
    for (const { name, key, default: fallback } of this.#named) {
      const from = sources.find((source) => source.find(key) >= 0);
      if (from !== undefined) {
        const index = from.find(key);
        writer.value(name, from.bytes, from.valueStarts[index] ?? 0, from.valueEnds[index] ?? 0);
      } else if (fallback !== undefined) writer.text(name, fallback);
    }
    if (this.#globs === undefined) return;
    for (const { from, index } of this.#matching(sources).values()) {
      writer.pair(from.bytes, from.starts[index] ?? 0, from.ends[index] ?? 0);
    }
  }

  /** The first attribute of each name that the globs match, sorted by name. */
  #matching(sources: AttributeSources): Map<string, { readonly from: AttributeList; readonly index: number }> {
    const found: [string, { readonly from: AttributeList; readonly index: number }][] = [];
    const names = new Set(this.#taken);
    for (const from of sources) {
      for (let index = 0; index < from.count; index++) {
        const [start = 0, end = 0] = [from.keyStarts[index], from.keyEnds[index]];
        if (this.#globs?.matches(from.bytes, start, end) !== true) continue;
        const name = utf8(from.bytes, start, end);
        if (names.has(name)) continue;
        names.add(name);
        found.push([name, { from, index }]);
      }
    }
    return new Map(found.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}

function sourcesOf(span: AttributeList, event: AttributeList | undefined, resource: AttributeList): AttributeSources {
  return event === undefined ? [span, resource] : [span, event, resource];
}
