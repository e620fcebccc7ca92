import { utf8 } from '../../../base/bytes.ts';
import { readValueText } from '../../../formats/otlp/any-value-text.ts';
import type { AttributeList } from '../../../formats/otlp/attribute-list.ts';
import { labelName } from './metric-name.ts';

/** Labels in the order in which they are said; what is said later of a name counts, and empty text says that it is not there. */
export type LabelMap = Map<string, string>;

/** What the attributes of a resource say about labels. */
export interface ResourceLabels {
  /** `job` and `instance`, as far as they are known. */
  readonly base: ReadonlyMap<string, string>;
  /** All attributes. */
  readonly all: ReadonlyMap<string, string>;
  /** Those of `target_info`. */
  readonly info: ReadonlyMap<string, string>;
}

const identifying: ReadonlySet<string> = new Set(['service.name', 'service.namespace', 'service.instance.id']);

export function resourceLabels(attributes: AttributeList, keepsIdentifying: boolean): ResourceLabels {
  const texts = new Map(pairsOf(attributes));
  const name = texts.get('service.name') ?? '';
  const namespace = texts.get('service.namespace') ?? '';
  const base = new Map([
    ['job', namespace === '' || name === '' ? name : `${namespace}/${name}`],
    ['instance', texts.get('service.instance.id') ?? ''],
  ]);
  const all: LabelMap = new Map();
  const info: LabelMap = new Map(base);
  for (const [key, text] of texts) {
    const label = labelName(key);
    all.set(label, text);
    if (keepsIdentifying || !identifying.has(key)) info.set(label, text);
  }
  return { base, all, info };
}

/** Adds the labels that attributes become. */
export function addAttributes(labels: LabelMap, attributes: AttributeList): void {
  for (const [key, text] of pairsOf(attributes)) labels.set(labelName(key), text);
}

function* pairsOf({
  bytes,
  count,
  keyStarts,
  keyEnds,
  valueStarts,
  valueEnds,
}: AttributeList): Iterable<[string, string]> {
  for (let index = 0; index < count; index++) {
    const text = readValueText(bytes, valueStarts[index] ?? 0, valueEnds[index] ?? 0);
    yield [utf8(bytes, keyStarts[index] ?? 0, keyEnds[index] ?? 0), text];
  }
}
